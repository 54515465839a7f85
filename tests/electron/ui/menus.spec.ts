import { describe, expect, test } from "vitest";

import type { Glance } from "../../../electron/src/api/glance";
import { firstSettings } from "../../../electron/src/shell/settings";
import { words } from "../../../electron/src/shell/words";
import type { SidecarState } from "../../../electron/src/sidecar/state";
import type { Entry } from "../../../electron/src/ui/entries";
import { trayIcon, windowIcon } from "../../../electron/src/ui/icons";
import { menuEntries, type MenuFacts } from "../../../electron/src/ui/menu";
import { trayView } from "../../../electron/src/ui/tray";

const PLATFORMS = ["linux", "win32", "darwin"] as const;

function facts(change: Partial<MenuFacts> = {}): MenuFacts {
  const platform = change.platform ?? "linux";
  return {
    ...{ platform, switches: firstSettings(platform).switches },
    ...{ isRunning: true, isWatching: true, hasTray: true, isSoftware: false, ...change },
  };
}

function flat(entries: readonly Entry[]): Entry[] {
  return entries.flatMap((entry) => [entry, ...flat(entry.submenu ?? [])]);
}

function commands(entries: readonly Entry[]): (string | undefined)[] {
  return flat(entries).flatMap((entry) => (entry.command === undefined ? [] : [entry.command]));
}

describe.each(PLATFORMS)("the menu on %s", (platform) => {
  const entries = menuEntries(facts({ platform }));

  test("has everything once", () => {
    const all = commands(entries);
    expect([...all].sort()).toEqual(
      [
        ...["open", "heal", "pause", "restart", "settings", "quit"],
        ...["logs", "diagnostics", "updates"],
      ].sort(),
    );
  });

  test("gives no shortcut twice", () => {
    const keys = flat(entries).flatMap((entry) => entry.accelerator ?? []);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test("every line says or separates something", () => {
    for (const entry of flat(entries)) {
      const isSomething = [entry.label, entry.role].some((part) => part !== undefined);
      expect(isSomething || entry.type === "separator").toBe(true);
    }
  });

  test("has the usual editing, so that copying works by keys", () => {
    const roles = flat(entries).map((entry) => entry.role);
    for (const role of ["undo", "cut", "copy", "paste", "selectAll", "about"]) {
      expect(roles).toContain(role);
    }
  });
});

test("macOS has Quit, About and Settings in the app's own menu, others in File and Help", () => {
  const [app] = menuEntries(facts({ platform: "darwin" }));
  expect(app?.label).toBe("LlamaRunner Pro");
  expect(commands(app?.submenu ?? [])).toEqual(["settings", "quit"]);
  expect(flat(app?.submenu ?? []).find((one) => one.command === "quit")?.accelerator).toBe("Cmd+Q");
  const [file] = menuEntries(facts({ platform: "win32" }));
  expect(file?.label).toBe(words.menus.file);
  expect(commands(file?.submenu ?? []).at(-1)).toBe("quit");
});

test("pausing turns into resuming", () => {
  expect(commands(menuEntries(facts({ isWatching: false })))).toContain("resume");
  expect(commands(menuEntries(facts({ isWatching: false })))).not.toContain("pause");
});

test("without a sidecar there is nothing to heal or pause", () => {
  const entries = flat(menuEntries(facts({ isRunning: false })));
  for (const command of ["heal", "pause"]) {
    expect(entries.find((entry) => entry.command === command)?.enabled).toBe(false);
  }
  expect(entries.find((entry) => entry.command === "restart")?.enabled).toBeUndefined();
});

test("switches show how they stand, and hiding is offered only where there is a tray", () => {
  const switches = { ...firstSettings("linux").switches, keepModels: true };
  const entries = flat(menuEntries(facts({ switches })));
  const setting = (name: string) => entries.find((entry) => entry.setting === name);
  expect(setting("keepModels")).toMatchObject({ type: "checkbox", checked: true });
  expect(setting("startAtLogin")).toMatchObject({ checked: false });
  expect(setting("hideToTray")).toBeDefined();
  const without = flat(menuEntries(facts({ hasTray: false })));
  expect(without.some((entry) => entry.setting === "hideToTray")).toBe(false);
});

describe("the tray", () => {
  const running: SidecarState = { kind: "running", origin: "o", version: "1", degraded: [] };
  const glance: Glance = { tone: "good", online: 2, total: 3, isWatching: true, troubled: [] };

  function labels(state: SidecarState, told: Glance | null) {
    return trayView(state, told).entries.map((entry) => entry.label);
  }

  test("shows health at a glance and the few things one wants at once", () => {
    expect(labels(running, glance)).toEqual([
      "2 of 3 models online",
      undefined,
      ...[words.commands.open, words.commands.heal, words.commands.pause],
      undefined,
      words.commands.quit,
    ]);
    expect(trayView(running, glance).tooltip).toBe("LlamaRunner Pro\n2 of 3 models online");
  });

  test("names what needs a look, and says when nobody watches", () => {
    const troubled = { ...glance, tone: "bad" as const, troubled: ["chat", "code"] };
    expect(labels(running, troubled)).toContain("Needs a look: chat, code");
    const paused = { ...glance, tone: "off" as const, isWatching: false };
    expect(labels(running, paused)).toContain(words.tray.paused);
    expect(labels(running, paused)).toContain(words.commands.resume);
  });

  test("shows a name with an ampersand as it is", () => {
    const troubled = { ...glance, tone: "bad" as const, troubled: ["R&D"] };
    expect(labels(running, troubled)).toContain("Needs a look: R&&D");
    expect(trayView(running, troubled).tooltip).toContain("Needs a look: R&D");
  });

  test("says so when there are no models yet", () => {
    const none = { ...glance, online: 0, total: 0 };
    expect(trayView(running, none)).toMatchObject({ tone: "off" });
    expect(labels(running, none)).toContain(words.tray.none);
  });

  test.each([
    ["starting", { kind: "starting", sinceMs: 0, again: false }, "busy", words.tray.starting],
    ["stopping", { kind: "stopping" }, "busy", words.tray.stopping],
    ["stopped", { kind: "stopped", byUs: true }, "bad", words.tray.down],
  ] as const)("while it is %s nothing can be healed", (_name, state, tone, line) => {
    const view = trayView(state, null);
    expect(view.tone).toBe(tone);
    expect(view.entries[0]?.label).toBe(line);
    const heal = view.entries.find((entry) => entry.command === "heal");
    expect(heal?.enabled).toBe(false);
    expect(view.entries.find((entry) => entry.command === "quit")?.enabled).toBeUndefined();
  });

  test("a running sidecar that was not asked yet is busy", () => {
    expect(trayView(running, null)).toMatchObject({ tone: "busy" });
  });
});

test("each platform has its own kind of picture", () => {
  expect(trayIcon("good", "linux")).toBe("tray-ok.png");
  expect(trayIcon("bad", "win32")).toBe("tray-failed.ico");
  expect(trayIcon("off", "darwin")).toBe("tray-paused-Template.png");
  expect(windowIcon("win32")).toBe("icon.ico");
  expect(windowIcon("linux")).toBe("icon.png");
});
