import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

import { expect, test } from "vitest";

import { checkLooks } from "./support/looks";
import { setStage } from "./support/stage";
import { until } from "./support/until";

const stage = setStage();

test("debug mode is switched on at the top of the page, at once", async () => {
  const { dashboard, sidecar } = stage;
  await dashboard.open("/recovery");
  await dashboard.page.getByText("Debug mode", { exact: true }).click();
  await until("debug mode is on", async () => {
    const { data } = await sidecar.get<{ data: { debug_mode: boolean } }>("/api/ai-monitor/status");
    return data.debug_mode;
  });
});

test("an incident in debug mode offers its diagnostics bundle, and it can be downloaded", async () => {
  const { dashboard, sidecar } = stage;
  const { page } = dashboard;
  process.kill(await sidecar.pidOf("demo"), "SIGKILL");
  const [incident] = await until("the incident is over", async () => {
    const incidents = await sidecar.incidents();
    return incidents[0]?.outcome === "healed" && incidents;
  });
  const card = page.locator(`[data-incident="${String(incident?.id)}"][data-outcome="healed"]`);
  const link = card.getByRole("link", { name: "Diagnostics bundle" });
  const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
  const bundle = readFileSync(await download.path());
  expect(download.suggestedFilename()).toMatch(/\.tar\.gz$/);
  expect([...bundle.subarray(0, 2)]).toEqual([0x1f, 0x8b]);
  expect(gunzipSync(bundle).toString("latin1")).toContain("ustar");
  await page.getByText("Diagnostics bundles", { exact: false }).first().click();
  await checkLooks(stage, "Recovery-bundle");
});
