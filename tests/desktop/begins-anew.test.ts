/** The app as it is started by people, without Playwright inside: it begins anew, or cannot begin. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { until } from "../e2e/support/until";

import { startAgain, startAlone } from "./support/app";
import { ending } from "./support/ending";
import { World } from "./support/world";

const CANNOT_CREATE = 73;
let world: World;

beforeEach(async () => {
  world = await World.make();
});

afterEach(() => {
  world.dispose();
});

/** Processes of the app itself whose command line has this in it. */
function processes(part: string): number[] {
  const ours = world.ours().filter(({ command }) => /(^|\/)electron /.test(command));
  return ours.filter(({ command }) => command.includes(part)).map(({ pid }) => pid);
}

function windows(): number[] {
  const all = processes("--user-data-dir=");
  const others = processes("--type=");
  return all.filter((pid) => !others.includes(pid));
}

function remembered(): Record<string, unknown> {
  const text = readFileSync(join(world.userData, "desktop.json"), "utf8");
  return JSON.parse(text) as Record<string, unknown>;
}

test("a graphics card that fails twice is done without, and the model goes on", async () => {
  const first = startAlone(world);
  await until("the model runs", () => world.engines().length === 1);
  const [engine] = world.engines();
  const drawn = new Set<number>();
  for (let times = 0; times < 2; times += 1) {
    await until("the card has a process", () =>
      processes("--type=gpu-process").some((pid) => !drawn.has(pid)),
    );
    for (const pid of processes("--type=gpu-process")) {
      drawn.add(pid);
      process.kill(pid, "SIGSEGV");
    }
  }
  expect(await ending(first)).toEqual({ code: 0, signal: null });
  await until("another window is there and has told why", () => {
    return windows().length === 1 && remembered()["toldSoftware"] === true;
  });
  expect(remembered()["softwareRendering"]).toBe(true);
  await until("its sidecar watches the same model", () => world.sidecars().length === 1);
  expect(world.engines()).toEqual([engine]);
  for (const pid of windows()) process.kill(pid, "SIGTERM");
  await world.untilNothingIsLeft();
});

test("a folder of settings that cannot be written is told, not taken for another window", async () => {
  const blocked = join(world.folder, "blocked");
  writeFileSync(blocked, "");
  const ended = await startAgain(world, `--user-data-dir=${join(blocked, "inside")}`);
  expect(ended).toEqual({ code: CANNOT_CREATE, signal: null });
  await world.untilNothingIsLeft();
});
