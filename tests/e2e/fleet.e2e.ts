import { afterAll, expect, test } from "vitest";

import { FakePrometheus, type FakeHost } from "./support/fakePrometheus";
import { checkLooks } from "./support/looks";
import { setStage } from "./support/stage";

/** Many computers in one store: the worst first, found by words, looked at one by one. */
const HOSTS: readonly FakeHost[] = Array.from({ length: 200 }, (_, at) => ({
  name: `host-${String(at).padStart(3, "0")}.lan:8585`,
  up: at !== 57,
  cpuPct: 5 + (at % 60),
}));

const store = new FakePrometheus(HOSTS);
const stage = setStage({
  demo: "none",
  settings: { history: { backend: "prometheus", prometheus: { url: await store.start() } } },
});
afterAll(() => store.stop());

test("the fleet is in the navigation and shows the computer that is gone first", async () => {
  const { dashboard } = stage;
  await dashboard.open("/");
  const { page } = dashboard;
  await page
    .getByRole("navigation", { name: "Pages" })
    .getByRole("link", { name: /Fleet/ })
    .click();
  await page.getByRole("heading", { level: 1, name: "Fleet" }).waitFor();
  await page.getByText("200 hosts", { exact: false }).waitFor();
  const first = page.locator("tbody tr").first();
  expect(await first.getAttribute("data-host")).toBe("host-057.lan:8585");
  expect(await first.innerText()).toMatch(/Critical|Warning/);
  await checkLooks(stage, "Fleet");
});

test("a word finds a host, by keyboard alone, and its charts open", async () => {
  const { dashboard } = stage;
  const { page } = dashboard;
  await page.keyboard.press("/");
  await page.keyboard.type("host-012");
  await page.getByText("1 of 200 hosts", { exact: false }).waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "host-012.lan:8585" }).waitFor();
  await dashboard.untilDrawn("Processor: In use", (columns) => columns.includes(true));
  await checkLooks(stage, "Host");
});

test("another host is picked from the list", async () => {
  const { dashboard } = stage;
  const { page } = dashboard;
  await page.getByLabel("Host", { exact: true }).selectOption("host-020.lan:8585");
  await page.getByRole("heading", { level: 1, name: "host-020.lan:8585" }).waitFor();
  await dashboard.untilDrawn("Processor: In use", (columns) => columns.includes(true));
});

test("a store that does not answer any more is named, and this computer is still shown", async () => {
  const { dashboard } = stage;
  await store.stop();
  await dashboard.open("/fleet");
  await dashboard.page.getByText("The store of all hosts does not answer").waitFor();
  await dashboard.page.locator("tbody tr").first().waitFor();
});
