import type { Locator } from "playwright-core";
import { expect, test } from "vitest";

import { drawnWidth, widestGap } from "./support/dashboard";
import { enginesOn, isRunning } from "./support/processes";
import { setStage } from "./support/stage";
import { until } from "./support/until";

const stage = setStage();
/** One minute over the width of a chart: a column is a fraction of a second. */
const SEVERAL_SAMPLES_PX = 40;
const A_FEW_SECONDS_PX = 12;

test("when the sidecar stops, the page says so and counts down to the next attempt", async () => {
  const { browser, dashboard, sidecar } = stage;
  await dashboard.open("/");
  await dashboard.chooseRange("1 min");
  await dashboard.untilDrawn("CPU", (columns) => drawnWidth(columns) > SEVERAL_SAMPLES_PX);
  await dashboard.leaveMark();

  await browser.whileSidecarIsDown(async () => {
    const ended = await sidecar.stop();
    expect(ended).toMatchObject({ code: 0, signal: null });
    const indicator = dashboard.page.locator("[data-link=waiting]");
    await indicator.waitFor();
    await dashboard.page.getByText("What you see is the last known state.").waitFor();
    await until("it counts down", countsDown(indicator));
    // Pages that were not opened before can be opened even now.
    await dashboard.follow("Recovery");
    await dashboard.follow("Overview");

    await sidecar.start();
    await dashboard.untilLive();
  });
});

test("when it is back, the page goes on by itself: old history, a gap, new samples", async () => {
  const { dashboard, sidecar } = stage;
  await dashboard.untilDrawn("CPU", (drawn) => {
    const gap = widestGap(drawn);
    return gap >= A_FEW_SECONDS_PX && drawnWidth(drawn) > gap + SEVERAL_SAMPLES_PX;
  });
  await sidecar.untilState("demo", "online");
  await dashboard.follow("Endpoints");
  await dashboard.untilCard("demo", "online");
  expect(await dashboard.hasMark()).toBe(true);
});

test("after kill -9 of the sidecar the engine lives on, and the next one adopts it", async () => {
  const { browser, dashboard, sidecar } = stage;
  const before = await sidecar.endpoint("demo");
  const pid = before.pid ?? 0;

  await browser.whileSidecarIsDown(async () => {
    await sidecar.kill();
    await dashboard.page.locator("[data-link=waiting]").waitFor();
    expect(isRunning(pid)).toBe(true);
    await sidecar.start();
    await dashboard.untilLive();
  });

  const after = await sidecar.untilState("demo", "online");
  expect(after.pid).toBe(pid);
  expect(enginesOn(after.port ?? 0)).toEqual([pid]);
  await dashboard.untilCard("demo", "online");
  expect(await dashboard.fact("demo", "pid")).toBe(String(pid));
  expect(await dashboard.hasMark()).toBe(true);
});

test("an adopted engine is watched like any other: killed, it is healed", async () => {
  const { dashboard, sidecar } = stage;
  const before = await sidecar.endpoint("demo");
  process.kill(before.pid ?? 0, "SIGKILL");
  await until("another engine serves", async () => {
    const now = await sidecar.endpoint("demo");
    return now.state === "online" && now.pid !== before.pid;
  });
  await dashboard.untilCard("demo", "online");
});

/** Says whether the seconds to the next attempt are fewer than when it was last asked. */
function countsDown(indicator: Locator): () => Promise<boolean> {
  let before: number | null = null;
  return async () => {
    // The indicator is another one while an attempt is under way.
    const words = (await indicator.allInnerTexts()).join();
    const left = /Reconnecting in (\d+)\ss/.exec(words)?.[1];
    const isLess = left !== undefined && before !== null && Number(left) < before;
    before = left === undefined ? null : Number(left);
    return isLess;
  };
}
