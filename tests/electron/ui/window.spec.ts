import { describe, expect, test } from "vitest";

import {
  boundsFor,
  readPlacement,
  rescued,
  SMALLEST,
  USUAL,
} from "../../../electron/src/ui/placement";
import {
  firstAppearance,
  onClose,
  PAGE_RIGHTS,
  windowOptions,
} from "../../../electron/src/ui/window-options";

const MAIN = { x: 0, y: 0, width: 1920, height: 1040 };
const LEFT = { x: -1280, y: 100, width: 1280, height: 984 };
const PLACED = { x: 100, y: 50, width: 1000, height: 700, isMaximized: false };

test("pages get the sandbox and none of the rights of the shell", () => {
  expect(PAGE_RIGHTS).toEqual({
    sandbox: true,
    contextIsolation: true,
    webSecurity: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webviewTag: false,
    spellcheck: false,
    navigateOnDragDrop: false,
  });
});

test("the window begins unseen, in the colours of the desktop", () => {
  const options = windowOptions(MAIN, "/p.cjs", "/i.png", true);
  expect(options).toMatchObject({ ...MAIN, show: false, backgroundColor: "#0d1218" });
  expect(options.webPreferences).toEqual({ ...PAGE_RIGHTS, preload: "/p.cjs" });
  expect(windowOptions(MAIN, "", "", false).backgroundColor).toBe("#f3f5f8");
});

test("a window that stays hidden does not paint, so that its page knows", () => {
  expect(windowOptions(MAIN, "", "", false, true).paintWhenInitiallyHidden).toBe(false);
  expect(windowOptions(MAIN, "", "", false).paintWhenInitiallyHidden).toBe(true);
});

describe("the window's place", () => {
  test("is remembered when it is still there", () => {
    expect(boundsFor(PLACED, [MAIN])).toEqual({ x: 100, y: 50, width: 1000, height: 700 });
    const left = { ...PLACED, x: -1200, y: 120 };
    expect(boundsFor(left, [MAIN, LEFT])).toMatchObject({ x: -1200, y: 120 });
  });

  test.each([
    ["its screen is gone", { ...PLACED, x: -1200, y: 120 }],
    ["its title is above the screen", { ...PLACED, y: -300 }],
    ["its title is below the screen", { ...PLACED, y: 1030 }],
    ["only a sliver would be seen", { ...PLACED, x: 1900 }],
  ])("is the middle of the main screen when %s", (_why, placement) => {
    expect(boundsFor(placement, [MAIN])).toEqual({ x: 460, y: 170, width: 1000, height: 700 });
  });

  test("at first is the middle, in the usual size", () => {
    expect(boundsFor(null, [MAIN])).toEqual({ x: 320, y: 90, ...USUAL });
  });

  test("shrinks to a small screen, but not below what is usable", () => {
    const small = { x: 0, y: 0, width: 1024, height: 600 };
    expect(boundsFor(null, [small])).toMatchObject({ width: 1024, height: 600 });
    const tiny = { x: 0, y: 0, width: 200, height: 100 };
    expect(boundsFor(null, [tiny])).toMatchObject(SMALLEST);
  });

  test("is found even when the system names no screen", () => {
    expect(boundsFor(PLACED, [])).toMatchObject({ width: 1000, height: 700 });
  });

  test.each([
    null,
    "x",
    {},
    { ...PLACED, x: 1.5 },
    { ...PLACED, width: 10 },
    { ...PLACED, height: 1e9 },
    { ...PLACED, isMaximized: 1 },
    { ...PLACED, y: Number.NaN },
  ])("is not read from %j", (value) => {
    expect(readPlacement(value)).toBeNull();
  });

  test("is read when it is sound", () => {
    expect(readPlacement({ ...PLACED, later: 1 })).toEqual(PLACED);
  });
});

describe("a window whose screen went away while it was hidden", () => {
  test("comes back in the middle of the main one", () => {
    const lost = { x: -1200, y: 120, width: 1000, height: 700 };
    expect(rescued(lost, [MAIN])).toEqual({ x: 460, y: 170, width: 1000, height: 700 });
  });

  test("stays where it is when its title can be reached", () => {
    expect(rescued({ x: 1700, y: 900, width: 1000, height: 700 }, [MAIN])).toBeNull();
    expect(rescued({ x: -1200, y: 120, width: 3000, height: 700 }, [MAIN, LEFT])).toBeNull();
  });

  test("stays where it is when the system names no screen", () => {
    expect(rescued({ x: 5000, y: 0, width: 1000, height: 700 }, [])).toBeNull();
  });
});

describe("closing the window", () => {
  const facts = { isLeaving: false, platform: "linux", hidesToTray: false, hasTray: true } as const;

  test.each([
    ["quits by default on Linux", facts, "quit"],
    ["hides where that was asked for", { ...facts, hidesToTray: true }, "hide"],
    ["never hides to nowhere", { ...facts, hidesToTray: true, hasTray: false }, "quit"],
    ["hides on Windows", { ...facts, platform: "win32", hidesToTray: true }, "hide"],
    ["quits on Windows without hiding", { ...facts, platform: "win32" }, "quit"],
    ["leaves the app in the dock on macOS", { ...facts, platform: "darwin" }, "hide"],
    ["closes while the app leaves", { ...facts, hidesToTray: true, isLeaving: true }, "close"],
  ] as const)("%s", (_name, given, verdict) => {
    expect(onClose(given)).toBe(verdict);
  });
});

test("started in the background without a tray it waits in the task bar", () => {
  expect(firstAppearance(false, false)).toBe("show");
  expect(firstAppearance(true, true)).toBe("none");
  expect(firstAppearance(true, false)).toBe("minimize");
});
