import { readFileSync } from "node:fs";

import { afterEach, beforeEach, expect, test } from "vitest";

import { until } from "../e2e/support/until";

import { AloneApp } from "./support/alone";
import { DesktopApp } from "./support/app";
import { CYCLE_MS, CYCLES } from "./support/cycles";
import { isVisible } from "./support/inside";
import { Tray } from "./support/tray";
import { World } from "./support/world";

const HIDES = { switches: { hideToTray: true } };
let world: World;
let tray: Tray | null = null;

beforeEach(async () => {
  world = await World.make();
  world.remember({ port: world.port, ...HIDES });
});

afterEach(async () => {
  await tray?.close();
  tray = null;
  world.dispose();
});

/** Until the menu says so, and does not change any more in the middle of a click. */
async function untilAllIsWell(host: Tray): Promise<void> {
  await until("the tray knows the model", async () =>
    (await host.menu()).includes("1 of 1 models online"),
  );
}

test("the tray tells how the models are and pauses the monitoring", async () => {
  tray = await Tray.open();
  const host = tray;
  const app = await DesktopApp.ready(world);
  await untilAllIsWell(host);
  await host.click("Pause Monitoring");
  await until("the tray says so", async () => (await host.menu()).includes("Monitoring is paused"));
  await host.click("Resume Monitoring");
  await until("it can be paused again", async () =>
    (await host.menu()).includes("Pause Monitoring"),
  );
  await app.chooseFromMenu("quit");
  await app.ended();
  await world.untilNothingIsLeft();
});

test("Heal Now in the tray brings back a model that was given up", async () => {
  // One death is enough: it is not started again until somebody asks.
  const config = JSON.parse(readFileSync(world.configFile, "utf8")) as { endpoints: object[] };
  config.endpoints = config.endpoints.map((endpoint) => ({ ...endpoint, restart: { budget: 1 } }));
  world.configure(config);
  tray = await Tray.open();
  const host = tray;
  const app = await DesktopApp.ready(world);
  const [before = 0] = world.engines();
  process.kill(before, "SIGKILL");
  await until("it is given up", async () => (await app.states())["demo"] === "failed");
  await until("the tray tells that", async () =>
    (await host.menu()).includes("Needs a look: demo"),
  );
  expect(world.engines()).toEqual([]);
  await host.click("Heal Now");
  await until("it is online again", async () => (await app.states())["demo"] === "online");
  expect(world.engines()).toHaveLength(1);
  await untilAllIsWell(host);
  await app.chooseFromMenu("quit");
  await app.ended();
  await world.untilNothingIsLeft();
});

test(
  "after Quit in the tray no process of ours is left",
  async () => {
    for (let cycle = 1; cycle <= CYCLES; cycle += 1) {
      tray = await Tray.open();
      const app = await AloneApp.ready(world);
      await untilAllIsWell(tray);
      await tray.click("Quit LlamaRunner Pro");
      expect(await app.ended()).toEqual({ code: 0, signal: null });
      await world.untilNothingIsLeft();
      await tray.close();
      world.dispose();
      world = await World.make();
    }
  },
  CYCLES * CYCLE_MS,
);

test("closing hides to the tray when that is wanted, and the tray brings the window back", async () => {
  tray = await Tray.open();
  const app = await DesktopApp.ready(world);
  await untilAllIsWell(tray);
  await app.closeWindow();
  await until("the window is hidden", async () => !(await isVisible(app.electron)));
  expect(world.sidecars()).toHaveLength(1);
  await tray.click("Open Dashboard");
  await until("the window is back", () => isVisible(app.electron));
  await tray.click("Quit LlamaRunner Pro");
  await app.ended();
  await world.untilNothingIsLeft();
});

test("without a tray to come back from, closing quits even where hiding is wanted", async () => {
  const app = await AloneApp.ready(world);
  await app.closeWindow();
  expect(await app.ended()).toEqual({ code: 0, signal: null });
  await world.untilNothingIsLeft();
});
