/** An error in the window's own program that nobody caught. */
import { afterEach, beforeEach, expect, test } from "vitest";

import { until } from "../e2e/support/until";

import { AloneApp } from "./support/alone";
import { World } from "./support/world";

const FATAL = { code: 70, signal: null };
let world: World;
let app: AloneApp;

beforeEach(async () => {
  world = await World.make();
  app = await AloneApp.ready(world);
});

afterEach(() => {
  world.dispose();
});

async function breakDown(): Promise<void> {
  await app.evaluate(() => {
    setTimeout(() => {
      throw new Error("a cable came loose");
    });
  }, null);
}

test("is told with its log, and everything ends in order once that is read", async () => {
  await app.evaluate(({ dialog }) => {
    const asked: object[] = [];
    Object.assign(globalThis, { asked });
    Object.assign(dialog, {
      showMessageBox: (question: object) => {
        asked.push(question);
        return new Promise((resolve) => {
          Object.assign(globalThis, { answer: resolve });
        });
      },
    });
  }, null);
  await breakDown();
  await until("the sidecar was stopped", () => world.sidecars().length === 0);
  const asked = await app.evaluate(() => (globalThis as { asked?: unknown }).asked, null);
  expect(asked).toMatchObject([{ message: "LlamaRunner Pro has to close" }]);
  expect(JSON.stringify(asked)).toContain("a cable came loose");
  expect(JSON.stringify(asked)).toContain("desktop.log");
  expect(world.lastWords()).toContain("fatal: Error: a cable came loose");
  await app.evaluate(() => {
    (globalThis as { answer?: (given: object) => void }).answer?.({ response: 1 });
  }, null);
  expect(await app.ended()).toEqual(FATAL);
  await world.untilNothingIsLeft();
});

test("leaves nothing behind when nobody reads its dialog and the system ends the app", async () => {
  await breakDown();
  await until("the sidecar was stopped", () => world.sidecars().length === 0);
  app.process.kill("SIGTERM");
  expect(await app.ended()).toEqual(FATAL);
  await world.untilNothingIsLeft();
});
