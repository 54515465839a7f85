/** The application menu, by each platform's conventions. Pure. */
import { PRODUCT } from "../identity";
import type { Switches } from "../shell/settings";
import { words } from "../shell/words";
import { commandEntry, type Entry, type Role, SEPARATOR, settingEntry } from "./entries";

/** What the menu depends on. */
export interface MenuFacts {
  readonly platform: NodeJS.Platform;
  readonly switches: Switches;
  readonly isRunning: boolean;
  readonly isWatching: boolean;
  /** Hiding is only offered where there is a tray to come back from. */
  readonly hasTray: boolean;
  /** Pages are drawn without the graphics card, since it failed. */
  readonly isSoftware: boolean;
}

/** The whole menu bar. */
export function menuEntries(facts: MenuFacts): readonly Entry[] {
  const { menus } = words;
  const isMac = facts.platform === "darwin";
  return [
    ...(isMac ? [macAppMenu(facts)] : []),
    { label: menus.file, submenu: fileEntries(facts) },
    {
      label: menus.edit,
      submenu: roles("undo", "redo", null, "cut", "copy", "paste", "selectAll"),
    },
    {
      label: menus.view,
      submenu: [
        ...roles("reload", null, "resetZoom", "zoomIn", "zoomOut", null),
        ...roles("togglefullscreen", "toggleDevTools"),
        ...(facts.isSoftware ? [SEPARATOR, graphics()] : []),
      ],
    },
    {
      label: menus.window,
      submenu: isMac ? roles("minimize", "zoom", null, "front") : roles("minimize", "close"),
    },
    { label: menus.help, submenu: helpEntries(isMac) },
  ];
}

function macAppMenu(facts: MenuFacts): Entry {
  return {
    label: PRODUCT,
    submenu: [
      ...roles("about", null),
      settingsPage(),
      preferences(facts),
      SEPARATOR,
      ...roles("services", null, "hide", "hideOthers", "unhide", null),
      quit("Cmd+Q"),
    ],
  };
}

function fileEntries(facts: MenuFacts): readonly Entry[] {
  const { commands } = words;
  const enabled = facts.isRunning;
  const work = [
    commandEntry("open", commands.open, { accelerator: "CmdOrCtrl+O" }),
    SEPARATOR,
    commandEntry("heal", commands.heal, { accelerator: "CmdOrCtrl+Shift+H", enabled }),
    watchEntry(facts),
    commandEntry("restart", commands.restart),
  ];
  if (facts.platform === "darwin") return [...work, SEPARATOR, ...roles("close")];
  return [...work, SEPARATOR, settingsPage(), preferences(facts), SEPARATOR, quit("Ctrl+Q")];
}

/** Pause or resume, whichever is possible. */
export function watchEntry(facts: Pick<MenuFacts, "isRunning" | "isWatching">): Entry {
  const { commands } = words;
  const enabled = facts.isRunning;
  return facts.isWatching
    ? commandEntry("pause", commands.pause, { enabled })
    : commandEntry("resume", commands.resume, { enabled });
}

function preferences({ switches, hasTray }: MenuFacts): Entry {
  const { settings } = words;
  const names = (
    ["startAtLogin", "hideToTray", "keepModels", "notifications", "updateChecks"] as const
  ).filter((name) => name !== "hideToTray" || hasTray);
  return {
    label: words.menus.preferences,
    submenu: names.map((name) => settingEntry(name, settings[name], switches[name])),
  };
}

function helpEntries(isMac: boolean): readonly Entry[] {
  const { commands } = words;
  return [
    commandEntry("logs", commands.logs),
    commandEntry("diagnostics", commands.diagnostics),
    SEPARATOR,
    commandEntry("updates", commands.updates),
    ...(isMac ? [] : roles("about")),
  ];
}

function settingsPage(): Entry {
  return commandEntry("settings", words.commands.settings, { accelerator: "CmdOrCtrl+," });
}

function quit(accelerator: string): Entry {
  return commandEntry("quit", words.commands.quit, { accelerator });
}

function graphics(): Entry {
  return commandEntry("graphics", words.commands.graphics);
}

function roles(...names: readonly (Role | null)[]): Entry[] {
  return names.map((role) => (role === null ? SEPARATOR : { role }));
}
