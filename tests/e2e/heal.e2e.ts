import { expect, test } from "vitest";

import { enginesOn } from "./support/processes";
import { setStage } from "./support/stage";
import { until } from "./support/until";

const stage = setStage();

test("an engine killed with kill -9 is healed while the page watches, without a reload", async () => {
  const { dashboard, sidecar } = stage;
  await dashboard.open("/endpoints");
  await dashboard.untilCard("demo", "online");
  await dashboard.leaveMark();
  const states = await dashboard.recordStates("demo");
  const before = await sidecar.endpoint("demo");
  expect(before.pid).not.toBeNull();

  process.kill(before.pid ?? 0, "SIGKILL");

  await until("the card has shown healing and is online again", async () => {
    const shown = await states();
    return shown.includes("healing") && shown.at(-1) === "online";
  });
  // A health check may come upon the closed port before the end of the process is known.
  const seen = (await states()).filter((state) => state !== "degraded");
  expect(seen.slice(0, 2)).toEqual(["online", "healing"]);
  const after = await sidecar.untilState("demo", "online");
  expect(after.pid).not.toBe(before.pid);
  expect(after.restart_count).toBe(before.restart_count + 1);
  expect(await dashboard.fact("demo", "pid")).toBe(String(after.pid));
  expect(await dashboard.fact("demo", "restarts")).toBe(String(after.restart_count));
  expect(await dashboard.hasMark()).toBe(true);
  expect(enginesOn(after.port ?? 0)).toEqual([after.pid]);
});

test("the recovery page shows the incident with each step and how long it took", async () => {
  const { dashboard, sidecar } = stage;
  await dashboard.follow("Recovery");
  const [incident] = await sidecar.incidents();
  const shown = dashboard.page.locator(`[data-incident="${incident?.id ?? ""}"]`);
  await shown.and(dashboard.page.locator("[data-outcome=healed]")).waitFor();
  expect(await shown.innerText()).toContain("Process ended");
  expect(await shown.innerText()).toMatch(/SIGKILL/);

  const steps = await shown.getByRole("list", { name: "Steps" }).locator("li").allInnerTexts();
  const labels = [
    "Fault detected",
    "Evidence saved",
    "Port checked",
    "Started",
    "Waited until ready",
    "Readiness verified",
    "Closed",
  ];
  expect(steps.map((step) => labels.find((label) => step.startsWith(label)))).toEqual(labels);
  const timed = steps.filter((step) => /\d\s(ms|s)\b/.test(step));
  expect(timed.length).toBeGreaterThanOrEqual(4);
  expect(await dashboard.hasMark()).toBe(true);
});

test("the incident is kept, and a page that is opened later has it too", async () => {
  const { dashboard, sidecar } = stage;
  const [incident] = await sidecar.incidents();
  await dashboard.open("/recovery");
  await dashboard.page.locator(`[data-incident="${incident?.id ?? ""}"]`).waitFor();
  expect(incident?.outcome).toBe("healed");
  expect(incident?.evidence.signal).toContain("KILL");
});
