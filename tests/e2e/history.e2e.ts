import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import type { HistoryAnswer } from "@/wire/history";

import { drawnWidth } from "./support/dashboard";
import { checkLooks } from "./support/looks";
import { setStage } from "./support/stage";
import { until } from "./support/until";

/** The past in a real browser: longer ranges, zoom, files, events, a restart of the sidecar. */
const stage = setStage();

async function past(series: string): Promise<HistoryAnswer> {
  const to = Date.now();
  const from = to - 600_000;
  return stage.sidecar.get<HistoryAnswer>(
    `/api/history?series=${series}&from=${String(from)}&to=${String(to)}&points=600`,
  );
}

test("a range that only the history knows is drawn, and all charts share one question", async () => {
  const { dashboard } = stage;
  // While nobody watches, a sample is taken every ten seconds only.
  await dashboard.open("/");
  await until("something has been recorded", async () => {
    const { series } = await past("cpu_usage_pct");
    return (series[0]?.avg.filter((value) => value !== null).length ?? 0) > 3;
  });
  const asked: string[] = [];
  dashboard.page.on("request", (request) => {
    if (request.url().includes("/api/history?")) asked.push(request.url());
  });
  await dashboard.chooseRange("1 h");
  await dashboard.untilDrawn("CPU", (columns) => columns.includes(true));
  await dashboard.untilDrawn("Memory", (columns) => columns.includes(true));
  // What happened is asked for by itself while the stream draws the charts.
  const [question = ""] = asked.filter((url) => !url.includes("points=60"));
  expect(decodeURIComponent(question)).toMatch(/(?=.*cpu_usage_pct)(?=.*memory_usage_pct)/);
});

test("what was recorded before a restart of the sidecar is still on the chart", async () => {
  const { browser, dashboard, sidecar } = stage;
  const before = await past("cpu_usage_pct");
  const recorded = ({ t_ms, series }: HistoryAnswer) =>
    t_ms.filter((tMs, at) => tMs < before.to_ms && typeof series[0]?.avg[at] === "number").length;
  await browser.whileSidecarIsDown(async () => {
    await sidecar.stop();
    await sidecar.start();
    await dashboard.untilLive();
  });
  await sidecar.untilState("demo", "online");
  const after = await past("cpu_usage_pct");
  expect(recorded(before)).toBeGreaterThan(3);
  expect(recorded(after)).toBeGreaterThanOrEqual(recorded(before) - 1);
  await dashboard.open("/");
  await dashboard.untilDrawn("CPU", (columns) => columns.includes(true));
});

test("peaks are drawn in place of averages, and the choice is remembered", async () => {
  const { page } = stage.dashboard;
  await page.getByText("Peaks", { exact: true }).click();
  await page.reload();
  await stage.dashboard.untilLive();
  expect(await page.getByRole("radio", { name: "Peaks" }).isChecked()).toBe(true);
  await page.getByText("Average", { exact: true }).click();
});

test("a drag zooms all charts, and one button leads back to now", async () => {
  const { dashboard } = stage;
  const { page } = dashboard;
  await dashboard.chooseRange("1 min");
  const canvas = dashboard.panel("CPU").locator("canvas");
  await dashboard.untilDrawn("CPU", (columns) => columns.includes(true));
  const box = await canvas.boundingBox();
  if (box === null) throw new Error("the chart has no size");
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width - 60, y);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width - 10, y, { steps: 5 });
  await page.mouse.up();
  const zoomed = page.getByRole("group", { name: "Zoomed in" });
  await zoomed.waitFor();
  const wide = await dashboard.untilDrawn("Memory", (columns) => columns.includes(true));
  expect(drawnWidth(wide)).toBeGreaterThan(50);
  await zoomed.getByRole("button", { name: "Back to now" }).click();
  await zoomed.waitFor({ state: "hidden" });
  await page.keyboard.press("+");
  await zoomed.waitFor();
  await page.keyboard.press("0");
  await zoomed.waitFor({ state: "hidden" });
});

test("the figures of a chart are saved as the sidecar exports them, byte for byte", async () => {
  const { dashboard, sidecar } = stage;
  const { page } = dashboard;
  await page.keyboard.press("+");
  await page.getByRole("group", { name: "Zoomed in" }).waitFor();
  const asked = page.waitForRequest(/\/api\/history\/export/);
  const coming = page.waitForEvent("download");
  await dashboard.panel("CPU").locator("[data-test=panel-menu]").click();
  await page.getByRole("menuitem", { name: "Figures as CSV" }).click();
  const [request, download] = await Promise.all([asked, coming]);
  expect(download.suggestedFilename()).toMatch(
    /^[^_]+_cpu_usage_pct_\d{8}T\d{6}Z_\d{8}T\d{6}Z\.csv$/,
  );
  const saved = readFileSync(await download.path());
  const told = await fetch(request.url().replace(/^https?:\/\/[^/]+/, sidecar.url));
  expect(saved.equals(Buffer.from(await told.arrayBuffer()))).toBe(true);
  expect(saved.toString()).toMatch(/^time,t_ms,cpu_usage_pct/);
  await page.keyboard.press("0");
});

test("a picture of a chart is a PNG of its name", async () => {
  const { dashboard } = stage;
  const coming = dashboard.page.waitForEvent("download");
  await dashboard.panel("CPU").locator("[data-test=panel-menu]").click();
  await dashboard.page.getByRole("menuitem", { name: "Picture (PNG)" }).click();
  const download = await coming;
  expect(download.suggestedFilename()).toMatch(/_CPU_.*\.png$/);
  const content = readFileSync(await download.path());
  expect(content.subarray(1, 4).toString()).toBe("PNG");
});

test("after a kill -9 the chart's table names what happened to the model", async () => {
  const { dashboard, sidecar } = stage;
  const pid = await sidecar.pidOf("demo");
  process.kill(pid, "SIGKILL");
  await until("it has been healed", async () => {
    const now = await sidecar.endpoint("demo");
    return now.state === "online" && now.pid !== pid;
  });
  await dashboard.panel("CPU").locator("[data-test=panel-menu]").click();
  await dashboard.page.getByRole("menuitem", { name: "Show as table" }).click();
  const table = dashboard.page.getByRole("region", { name: "CPU as a table" });
  await table
    .getByText(/demo.*(SIGKILL|killed)/i)
    .first()
    .waitFor();
  await table
    .getByText(/demo.*healed/i)
    .first()
    .waitFor();
  // The history tells the same, for whoever comes later.
  await until("the events are in the history", async () => {
    const { events } = await past("cpu_usage_pct");
    return events.some((event) => event.endpoint === "demo" && event.kind !== "load");
  });
});

test("every sensor has its place, and the pages can be used by everybody", async () => {
  const { dashboard } = stage;
  await dashboard.open("/machine");
  await dashboard.panel("Processor: In use").waitFor();
  await dashboard.untilDrawn("Processor: In use", (columns) => columns.includes(true));
  await dashboard.panel("Processor: Each core").locator("canvas").waitFor();
  await checkLooks(stage, "Machine");
  await dashboard.open("/endpoints/detail?name=demo");
  await dashboard.untilDrawn("demo: Memory", (columns) => columns.includes(true));
  await checkLooks(stage, "Endpoint");
  await dashboard.open("/settings?part=history");
  await dashboard.page.getByRole("heading", { name: "What is kept" }).waitFor();
  await checkLooks(stage, "History settings");
});
