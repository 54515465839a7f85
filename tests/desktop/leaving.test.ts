import { afterEach, beforeEach, expect, test } from "vitest";

import { until } from "../e2e/support/until";

import { AloneApp } from "./support/alone";
import { CYCLE_MS, CYCLES } from "./support/cycles";
import { World } from "./support/world";

let world: World;
let app: AloneApp;

async function begin(): Promise<void> {
  world = await World.make();
  app = await AloneApp.ready(world);
  expect(world.engines()).toHaveLength(1);
}

async function again(): Promise<void> {
  world.dispose();
  await begin();
}

beforeEach(begin);

afterEach(() => {
  world.dispose();
});

const IN_ORDER = { code: 0, signal: null };

interface Way {
  readonly name: string;
  readonly leave: () => unknown;
  /** The app has no say in how it ends. */
  readonly isForced?: boolean;
}

const WAYS: readonly Way[] = [
  { name: "closing the window", leave: () => app.closeWindow() },
  { name: "Quit in the menu", leave: () => app.chooseFromMenu("quit") },
  { name: "SIGTERM", leave: () => app.process.kill("SIGTERM") },
  { name: "SIGINT", leave: () => app.process.kill("SIGINT") },
  {
    name: "kill -9 of the window's program",
    leave: () => app.process.kill("SIGKILL"),
    isForced: true,
  },
  {
    name: "kill -9 of the window's program and the sidecar",
    leave: () => {
      const [sidecar = 0] = world.sidecars();
      app.process.kill("SIGKILL");
      process.kill(sidecar, "SIGKILL");
    },
    isForced: true,
  },
];

for (const { name, leave, isForced = false } of WAYS) {
  test(
    `after ${name} no process of ours is left`,
    async () => {
      for (let cycle = 1; cycle <= CYCLES; cycle += 1) {
        await leave();
        const { code, signal } = await app.ended();
        await world.untilNothingIsLeft();
        if (isForced) expect(signal).toBe("SIGKILL");
        else expect({ code, signal }, world.lastWords()).toEqual(IN_ORDER);
        if (cycle < CYCLES) await again();
      }
    },
    CYCLES * CYCLE_MS,
  );
}

test("when the sidecar is stopped by its command, the window leaves as well", async () => {
  const [sidecar = 0] = world.sidecars();
  process.kill(sidecar, "SIGTERM");
  expect(await app.ended()).toEqual(IN_ORDER);
  await world.untilNothingIsLeft();
});

test("who wants models to be kept finds them running after quitting, and adopted the next time", async () => {
  await app.chooseFromMenu("keepModels");
  const [engine = 0] = world.engines();
  await app.chooseFromMenu("quit");
  await app.ended();
  await until("only the model is left", () => world.ours().every(({ pid }) => pid === engine));
  expect(world.engines()).toEqual([engine]);

  const next = await AloneApp.ready(world);
  expect(world.engines()).toEqual([engine]);
  await next.chooseFromMenu("keepModels");
  await next.chooseFromMenu("quit");
  await next.ended();
  await world.untilNothingIsLeft();
});
