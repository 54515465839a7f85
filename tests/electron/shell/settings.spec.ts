import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { firstSettings, readSettings, settingsText } from "../../../electron/src/shell/settings";
import { SettingsFile } from "../../../electron/src/shell/settings-file";

const FIRST = firstSettings("linux");

describe("reading", () => {
  test("no file is as at first, and nothing is wrong", () => {
    expect(readSettings(null, "linux")).toEqual({ settings: FIRST, isDamaged: false });
  });

  test("what was written is read back", () => {
    const settings = {
      switches: { ...FIRST.switches, keepModels: true, startAtLogin: true },
      placement: { x: -20, y: 30, width: 900, height: 700, isMaximized: true },
      port: 9000,
      portIsFixed: true,
      ...{ toldHidden: true, softwareRendering: true, toldSoftware: true },
    };
    expect(readSettings(settingsText(settings), "linux")).toEqual({ settings, isDamaged: false });
  });

  test("nothing is kept running, started or hidden on Linux unless it was asked for", () => {
    expect(FIRST.switches).toMatchObject({
      ...{ startAtLogin: false, keepModels: false, hideToTray: false },
    });
    expect(firstSettings("win32").switches.hideToTray).toBe(true);
  });

  test.each(["", "{", "[]", "null", "7", '"x"'])("rubbish is as at first, and told: %j", (text) => {
    expect(readSettings(text, "linux")).toEqual({ settings: FIRST, isDamaged: true });
  });

  test.each([
    { port: 0 },
    { port: "8585" },
    { port: 70_000 },
    { portIsFixed: 1 },
    { switches: [] },
    { switches: { keepModels: "yes" } },
    { placement: { x: 1, y: 2, width: 3, height: 4, isMaximized: false } },
  ])("a wrong part is as at first, the rest is kept, and it is told: %j", (wrong) => {
    const text = JSON.stringify({ toldHidden: true, ...wrong });
    const { settings, isDamaged } = readSettings(text, "linux");
    expect(settings).toEqual({ ...FIRST, toldHidden: true });
    expect(isDamaged).toBe(true);
  });

  test("settings of a later version are passed over", () => {
    const text = JSON.stringify({ switches: { keepModels: true, sings: true }, later: 1 });
    const { settings, isDamaged } = readSettings(text, "linux");
    expect(settings.switches).toEqual({ ...FIRST.switches, keepModels: true });
    expect(isDamaged).toBe(false);
  });
});

describe("the file", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "llama-runner-pro-settings-"));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function open(logged: string[] = []) {
    return new SettingsFile(join(folder, "shell", "desktop.json"), "linux", (text) => {
      logged.push(text);
    });
  }

  test("is made at the first change, for its owner alone, and nothing else is left", () => {
    const file = open();
    file.flip("keepModels", true);
    file.change({ port: 9000 });
    expect(readdirSync(join(folder, "shell"))).toEqual(["desktop.json"]);
    expect(statSync(join(folder, "shell", "desktop.json")).mode & 0o077).toBe(0);
    const again = open();
    expect(again.wasDamaged).toBe(false);
    expect(again.current).toEqual({
      ...FIRST,
      port: 9000,
      switches: { ...FIRST.switches, keepModels: true },
    });
  });

  test("that is damaged is told, and replaced by the next change", () => {
    open().change({ port: 9000 });
    writeFileSync(join(folder, "shell", "desktop.json"), "{ half");
    const file = open();
    expect(file.wasDamaged).toBe(true);
    expect(file.current).toEqual(FIRST);
    file.change({ port: 9001 });
    const text = readFileSync(join(folder, "shell", "desktop.json"), "utf8");
    expect(JSON.parse(text)).toMatchObject({ port: 9001 });
  });

  test("that is damaged is kept beside the new one, for whoever wrote it by hand", () => {
    open().change({ port: 9000 });
    const path = join(folder, "shell", "desktop.json");
    writeFileSync(path, '{ "port": 7777, ');
    const file = open();
    file.change({ port: 9001 });
    file.change({ port: 9002 });
    expect(readFileSync(`${path}.damaged`, "utf8")).toBe('{ "port": 7777, ');
  });

  test("that cannot be written changes what counts now, and is logged", () => {
    writeFileSync(join(folder, "shell"), "a file where the folder should be");
    const logged: string[] = [];
    const file = open(logged);
    file.flip("notifications", false);
    expect(file.current.switches.notifications).toBe(false);
    expect(logged.join()).toMatch(/cannot be written/);
  });
});
