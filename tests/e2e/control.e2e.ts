import { expect, test } from "vitest";

import { freePort } from "./support/ports";
import { enginesOn, isRunning } from "./support/processes";
import { setStage } from "./support/stage";
import { until } from "./support/until";

/** Beside the healthy demo: a model server that cannot be healed, so that healing has a target. */
const stage = setStage({
  endpoints: [
    { name: "broken", kind: "embedded", port: await freePort(), model_path: "/nowhere/none.gguf" },
  ],
});

test("Disable leaves the process running, and Enable finds that very process again", async () => {
  const { dashboard, sidecar } = stage;
  await dashboard.open("/endpoints");
  await dashboard.untilCard("demo", "online");
  const pid = await sidecar.pidOf("demo");

  await dashboard.press("demo", "Disable");
  await dashboard.confirm("Disable it");
  const card = await dashboard.untilCard("demo", "disabled");
  await card.getByText("Disabled", { exact: true }).first().waitFor();
  expect(isRunning(pid)).toBe(true);

  await dashboard.press("demo", "Enable");
  await dashboard.untilCard("demo", "online");
  expect(await sidecar.pidOf("demo")).toBe(pid);
});

test("Heal on a healthy model server changes nothing and says that it is fine", async () => {
  const { dashboard, sidecar } = stage;
  const before = await sidecar.endpoint("demo");
  await dashboard.press("demo", "Heal");
  await dashboard.outcome("demo").and(dashboard.page.locator(".tone-good")).waitFor();
  const after = await sidecar.endpoint("demo");
  expect(after.pid).toBe(before.pid);
  expect(after.restart_count).toBe(before.restart_count);
  expect((await sidecar.incidents()).filter((one) => one.endpoint === "demo")).toEqual([]);
});

test("Stop ends the process and it stays stopped; Start brings it back online", async () => {
  const { dashboard, sidecar } = stage;
  const pid = await sidecar.pidOf("demo");
  await dashboard.press("demo", "Stop");
  await dashboard.confirm("Stop it");
  await dashboard.untilCard("demo", "stopped");
  expect(isRunning(pid)).toBe(false);

  await dashboard.press("demo", "Start");
  await dashboard.untilCard("demo", "online");
  expect(await sidecar.pidOf("demo")).not.toBe(pid);
});

test("Restart replaces the process, and only after the question was answered", async () => {
  const { dashboard, sidecar } = stage;
  const before = await sidecar.endpoint("demo");
  await dashboard.press("demo", "Restart");
  await dashboard.confirm("Cancel");
  expect((await sidecar.endpoint("demo")).pid).toBe(before.pid);

  await dashboard.press("demo", "Restart");
  await dashboard.confirm("Restart it");
  await dashboard.outcome("demo").getByText("Restarted").waitFor();
  const after = await sidecar.untilState("demo", "online");
  expect(after.pid).not.toBe(before.pid);
  expect(enginesOn(after.port ?? 0)).toEqual([after.pid]);
});

test("Emergency heal asks first, and its default answer is no", async () => {
  const { dashboard, sidecar } = stage;
  await dashboard.untilCard("broken", "failed");
  const incidents = await sidecar.incidents();
  await dashboard.page.getByRole("button", { name: "Emergency heal" }).click();
  const dialog = dashboard.page.getByRole("dialog", { name: "Emergency heal?" });
  await dialog.getByRole("listitem").getByText("broken").waitFor();
  await until("the button that cancels has the focus", () =>
    dialog.getByRole("button", { name: "Cancel" }).evaluate((b) => b === document.activeElement),
  );
  expect(await dashboard.accessibilityProblems()).toEqual([]);
  await dashboard.page.keyboard.press("Enter");
  await dialog.waitFor({ state: "hidden" });
  const asker = dashboard.page.getByRole("button", { name: "Emergency heal" });
  await until("the button that asked has the focus again", () =>
    asker.evaluate((b) => b === document.activeElement),
  );
  expect(await sidecar.incidents()).toEqual(incidents);
});

test("Emergency heal tries every unhealthy model server and reports on each", async () => {
  const { dashboard, sidecar } = stage;
  const demo = await sidecar.endpoint("demo");
  await dashboard.page.getByRole("button", { name: "Emergency heal" }).click();
  await dashboard.confirm("Heal now");
  const report = dashboard.page.getByRole("listitem").filter({ hasText: "0 of 1 healed" });
  await report.getByText("broken").waitFor();
  expect((await sidecar.endpoint("demo")).pid).toBe(demo.pid);
});

test("Heal all says so when everything that is switched on is healthy", async () => {
  const { dashboard } = stage;
  await dashboard.press("broken", "Disable");
  await dashboard.untilCard("broken", "disabled");
  await dashboard.page.getByRole("button", { name: "Heal all" }).click();
  await dashboard.page.getByRole("listitem").filter({ hasText: "Nothing to heal" }).waitFor();
});
