/** Starting at login, as a desktop does it: by the entry that the window has written. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { until } from "../e2e/support/until";

import { AloneApp } from "./support/alone";
import { FLAGS } from "./support/app";
import { execWords } from "./support/entry";
import { isVisible } from "./support/inside";
import { Tray } from "./support/tray";
import { ROOT, World } from "./support/world";

const IN_ORDER = { code: 0, signal: null };
let world: World;
let entry: string;
let tray: Tray | null = null;

beforeEach(async () => {
  world = await World.make();
  entry = join(world.home, ".config", "autostart", "llama-runner-pro.desktop");
});

afterEach(async () => {
  await tray?.close();
  tray = null;
  world.dispose();
});

function words(): string[] {
  return execWords(readFileSync(entry, "utf8"));
}

async function quit(app: AloneApp): Promise<void> {
  await app.chooseFromMenu("quit");
  expect(await app.ended()).toEqual(IN_ORDER);
  await world.untilNothingIsLeft();
}

test("who wants it has models and an icon in the tray after the next login, and no window", async () => {
  const app = await AloneApp.ready(world);
  expect(existsSync(entry)).toBe(false);
  await app.chooseFromMenu("startAtLogin");
  const [program = "", ...args] = words();
  expect(args).toEqual([ROOT.replace(/\/$/, ""), "--hidden"]);
  await quit(app);

  tray = await Tray.open();
  const host = tray;
  // Root may not use Chromium's sandbox; all else is as the desktop would do it.
  const next = await AloneApp.started(world, program, [...args, ...FLAGS]);
  await until("the tray tells that the model is online", async () =>
    (await host.menu()).includes("1 of 1 models online"),
  );
  expect(world.sidecars()).toHaveLength(1);
  expect(await isVisible(next)).toBe(false);
  await host.click("Open Dashboard");
  await until("there is a window", () => isVisible(next));
  await quit(next);
});

test("an AppImage that was moved is found by the next login, until nobody wants it", async () => {
  world.env["APPIMAGE"] = join(world.folder, "first one.AppImage");
  const before = await AloneApp.ready(world);
  await before.chooseFromMenu("startAtLogin");
  expect(words()).toEqual([world.env["APPIMAGE"], ROOT.replace(/\/$/, ""), "--hidden"]);
  await quit(before);

  world.env["APPIMAGE"] = join(world.folder, "second one.AppImage");
  const after = await AloneApp.ready(world);
  expect(words()[0]).toBe(world.env["APPIMAGE"]);
  await after.chooseFromMenu("startAtLogin");
  expect(existsSync(entry)).toBe(false);
  await quit(after);
});
