import { decode } from "@msgpack/msgpack";
import { expect, test } from "vitest";

import { LAPTOP, PHONE } from "./support/browser";
import { Dashboard, drawnWidth, PAGES } from "./support/dashboard";
import { setStage } from "./support/stage";
import { until } from "./support/until";

const stage = setStage();
/** One minute over the width of a chart: a column is a fraction of a second. */
const SEVERAL_SAMPLES_PX = 30;

test("the dashboard opens and says that it is live and that the model is online", async () => {
  const { dashboard } = stage;
  await dashboard.open("/");
  expect(await dashboard.page.title()).toBe("Overview · LlamaRunner Pro");
  const servers = dashboard.panel("Model servers");
  await servers.getByRole("link", { name: "demo", exact: true }).waitFor();
  await servers.getByText("Online", { exact: true }).waitFor();
});

test("the CPU chart moves with every sample", async () => {
  const { dashboard } = stage;
  await dashboard.open("/");
  await dashboard.chooseRange("1 min");
  const before = await dashboard.untilDrawn("CPU", (columns) => drawnWidth(columns) > 0);
  await dashboard.untilDrawn(
    "CPU",
    (columns) => drawnWidth(columns) > drawnWidth(before) + SEVERAL_SAMPLES_PX,
  );
});

test("a page that is opened anew draws its history, before any new sample has come", async () => {
  const { browser, sidecar } = stage;
  const page = await browser.newPage();
  await page.routeWebSocket(/\/metrics$/, (socket) => {
    socket.connectToServer().onMessage((message) => {
      if (typeof message === "string" || !isTick(message)) socket.send(message);
    });
  });
  const dashboard = new Dashboard(page, sidecar.url);
  await dashboard.open("/");
  await dashboard.untilDrawn("CPU", (columns) => drawnWidth(columns) > SEVERAL_SAMPLES_PX);
  await page.close();
});

test("the text summary of the CPU chart names the latest value and its bounds", async () => {
  const summary = stage.dashboard.panel("CPU").locator("canvas");
  await until("the summary has figures", async () => {
    const words = (await summary.getAttribute("aria-label")) ?? "";
    return /^CPU, last 1\smin.*: CPU now [\d.]+\s%, between [\d.]+\s% and [\d.]+\s%/.test(words);
  });
});

test("the GPU tile shows the GPU's load, or says in words why there is none", async () => {
  const { dashboard } = stage;
  const load = await dashboard.gpuLoad();
  const tile = dashboard.panel("GPU");
  if (load === null) {
    await tile.getByText("Not available on this machine").waitFor();
    expect(await tile.innerText()).toMatch(/driver|GPU.* not |no GPU/i);
    expect(await tile.innerText()).not.toContain("%");
  } else {
    await tile.getByText(/^\d+(\.\d)?\s%$/).waitFor();
  }
});

test("on a phone no page scrolls sideways", async () => {
  const { dashboard } = stage;
  await dashboard.page.setViewportSize(PHONE);
  try {
    for (const [name, path] of Object.entries(PAGES)) {
      await dashboard.open(path);
      await dashboard.page.getByRole("heading", { level: 1, name }).waitFor();
      expect(await dashboard.scrollsSideways(), name).toBe(false);
    }
  } finally {
    await dashboard.page.setViewportSize(LAPTOP);
  }
});

test.for(["light", "dark"] as const)(
  "axe finds nothing to object to on any page in the %s theme",
  async (colorScheme) => {
    const { dashboard } = stage;
    await dashboard.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    for (const [name, path] of Object.entries(PAGES)) {
      await dashboard.open(path);
      await dashboard.page.getByRole("heading", { level: 1, name }).waitFor();
      expect(await dashboard.accessibilityProblems(), name).toEqual([]);
    }
  },
);

function isTick(message: Uint8Array): boolean {
  return (decode(message) as { type: string }).type === "tick";
}
