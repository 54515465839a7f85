import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import {
  autostartCommand,
  autostartEntry,
  autostartPath,
  loginItem,
  renewAutostart,
  setAutostart,
} from "../../../electron/src/shell/autostart";
import { WholeShell } from "../support/whole-shell";

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "llama-runner-pro-login-"));
  path = join(folder, "autostart", "x.desktop");
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("the entry for starting at login on Linux", () => {
  test("lies where the desktop looks", () => {
    expect(autostartPath({}, "/home/a")).toBe("/home/a/.config/autostart/llama-runner-pro.desktop");
    expect(autostartPath({ XDG_CONFIG_HOME: "/c" }, "/home/a")).toMatch(/^\/c\/autostart\//);
  });

  test("names an AppImage's file, not its mount", () => {
    const mount = "/tmp/.mount_x/llama-runner-pro";
    expect(autostartCommand({ APPIMAGE: "/a.AppImage" }, mount, null)).toEqual([
      ...["/a.AppImage", "--hidden"],
    ]);
    expect(autostartCommand({ APPIMAGE: "" }, "/opt/x", null)).toEqual(["/opt/x", "--hidden"]);
  });

  test("names the app as well where Electron runs it from a checkout", () => {
    expect(autostartCommand({}, "/e/electron", "/src")).toEqual([
      ...["/e/electron", "/src", "--hidden"],
    ]);
  });

  test("quotes what Exec would read as something else", () => {
    const entry = autostartEntry(['/a b/"$`\\%f', "--hidden"]);
    expect(entry).toContain(
      String.raw`Exec="/a b/\\"\\$\\` + "`" + String.raw`\\\\%%f" "--hidden"`,
    );
  });

  test("is written and taken away again, more than once", () => {
    setAutostart(path, ["/opt/x", "--hidden"]);
    expect(readFileSync(path, "utf8")).toContain('Exec="/opt/x" "--hidden"');
    setAutostart(path, null);
    setAutostart(path, null);
    expect(() => readFileSync(path)).toThrow();
  });

  test("names the program where it is now, and keeps what the desktop's settings added", () => {
    setAutostart(path, ["/old/$&/x.AppImage", "--hidden"]);
    const off = "X-GNOME-Autostart-Delay=9\nHidden=true\n";
    writeFileSync(path, readFileSync(path, "utf8") + off);
    expect(renewAutostart(path, ["/new/$&/x.AppImage", "--hidden"])).toBe(true);
    const renewed = readFileSync(path, "utf8");
    expect(renewed).toBe(autostartEntry(["/new/$&/x.AppImage", "--hidden"]) + off);
  });

  test("that somebody took away is not put back", () => {
    expect(renewAutostart(path, ["/opt/x"])).toBe(false);
    expect(() => readFileSync(path)).toThrow();
  });

  test("that cannot be read is no entry that was taken away", () => {
    mkdirSync(path, { recursive: true });
    expect(() => renewAutostart(path, ["/opt/x"])).toThrow("EISDIR");
  });
});

test("Windows and macOS start the program in the background, a portable one from its own file", () => {
  expect(loginItem({}, true)).toEqual({ openAtLogin: true, args: ["--hidden"] });
  const file = String.raw`D:\tools\llama.exe`;
  expect(loginItem({ PORTABLE_EXECUTABLE_FILE: file }, false)).toEqual({
    ...{ openAtLogin: false, args: ["--hidden"], path: file },
  });
});

describe("the shell, at its own start", () => {
  let whole: WholeShell;

  beforeEach(async () => {
    whole = await new WholeShell().open();
  });

  afterEach(() => {
    whole.close();
  });

  const startsAtLogin = () => whole.settings.current.switches.startAtLogin;

  test("leaves the system alone when nobody wants it at login", () => {
    whole.shell.begin();
    expect(whole.recorder.did).not.toContain("login renewed");
  });

  test("has the next login find it where it is now", () => {
    whole.settings.flip("startAtLogin", true);
    whole.shell.begin();
    expect(whole.recorder.did).toContain("login renewed");
    expect(startsAtLogin()).toBe(true);
  });

  test("shows that somebody took it away", () => {
    whole.settings.flip("startAtLogin", true);
    whole.recorder.startsAtLogin = false;
    whole.shell.begin();
    expect(startsAtLogin()).toBe(false);
  });

  test("starts all the same when the system refuses", () => {
    whole.settings.flip("startAtLogin", true);
    whole.recorder.refusal = "no space left";
    whole.shell.begin();
    expect(startsAtLogin()).toBe(true);
    expect(whole.logged).toContain("start at login: no space left");
    expect(whole.world.children).toHaveLength(1);
  });
});
