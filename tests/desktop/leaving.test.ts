import { afterEach, beforeEach, expect, test } from "vitest";

import { until } from "../e2e/support/until";

import { DesktopApp } from "./support/app";
import { World } from "./support/world";

let world: World;
let app: DesktopApp;

beforeEach(async () => {
  world = await World.make();
  app = await DesktopApp.ready(world);
  expect(world.engines()).toHaveLength(1);
});

afterEach(() => {
  world.dispose();
});

const ROUTES: Record<string, (app: DesktopApp) => Promise<unknown>> = {
  "closing the window": (one) => one.closeWindow(),
  "Quit in the menu": (one) => one.chooseFromMenu("quit"),
  SIGTERM: (one) => Promise.resolve(one.process.kill("SIGTERM")),
  SIGINT: (one) => Promise.resolve(one.process.kill("SIGINT")),
};

for (const [name, leave] of Object.entries(ROUTES)) {
  test(`after ${name} no process of ours is left`, async () => {
    await leave(app);
    expect(await app.ended()).toEqual({ code: 0, signal: null });
    await world.untilNothingIsLeft();
  });
}

test("after kill -9 of the window's program no process of ours is left", async () => {
  app.process.kill("SIGKILL");
  await app.ended();
  await world.untilNothingIsLeft();
});

test("after kill -9 of the window's program and the sidecar no process of ours is left", async () => {
  const [sidecar = 0] = world.sidecars();
  app.process.kill("SIGKILL");
  process.kill(sidecar, "SIGKILL");
  await app.ended();
  await world.untilNothingIsLeft();
});

test("when the sidecar is stopped by its command, the window leaves as well", async () => {
  const [sidecar = 0] = world.sidecars();
  process.kill(sidecar, "SIGTERM");
  expect(await app.ended()).toEqual({ code: 0, signal: null });
  await world.untilNothingIsLeft();
});

test("who wants models to be kept finds them running after quitting, and adopted the next time", async () => {
  await app.chooseFromMenu("keepModels");
  const [engine = 0] = world.engines();
  await app.chooseFromMenu("quit");
  await app.ended();
  await until("only the model is left", () => world.ours().every(({ pid }) => pid === engine));
  expect(world.engines()).toEqual([engine]);

  const next = await DesktopApp.ready(world);
  expect(world.engines()).toEqual([engine]);
  await next.chooseFromMenu("keepModels");
  await next.chooseFromMenu("quit");
  await next.ended();
  await world.untilNothingIsLeft();
});
