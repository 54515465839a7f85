/** What the shell remembers: `desktop.json` in its own folder. */
import { isMembers, type Members, parseObject, wholeNumber } from "../json";
import { type Placement, readPlacement } from "../ui/placement";

export const SETTING_NAMES = [
  "startAtLogin",
  "hideToTray",
  "keepModels",
  "notifications",
  "updateChecks",
] as const;
export type SettingName = (typeof SETTING_NAMES)[number];

/** The switches that people set. */
export type Switches = Readonly<Record<SettingName, boolean>>;

export interface Settings {
  readonly switches: Switches;
  /** Where the window was. */
  readonly placement: Placement | null;
  /** The sidecar's last port: the next one tries it first, so that links and storage stay good. */
  readonly port: number;
  /** It must be that port and no other, for the sake of bookmarks, firewalls, other programs. */
  readonly portIsFixed: boolean;
  /** The person has been told that closing only hides. */
  readonly toldHidden: boolean;
  /** The graphics card's process failed again and again: pages are drawn without it. */
  readonly softwareRendering: boolean;
  /** The person has been told that. */
  readonly toldSoftware: boolean;
}

export const FIRST_PORT = 8585;

/** As at first. Linux often shows no tray, so that closing quits there unless told otherwise. */
export function firstSettings(platform: NodeJS.Platform): Settings {
  return {
    switches: {
      startAtLogin: false,
      hideToTray: platform !== "linux",
      keepModels: false,
      notifications: true,
      updateChecks: true,
    },
    placement: null,
    port: FIRST_PORT,
    portIsFixed: false,
    toldHidden: false,
    softwareRendering: false,
    toldSoftware: false,
  };
}

/** What was read, and whether it was sound. */
export interface Reading {
  readonly settings: Settings;
  /** Something was there and could not be understood: that is told, and replaced on saving. */
  readonly isDamaged: boolean;
}

/** Reads a file's text, null when there is none. Each part that is wrong is as at first. */
export function readSettings(text: string | null, platform: NodeJS.Platform): Reading {
  const first = firstSettings(platform);
  if (text === null) return { settings: first, isDamaged: false };
  const file = parseObject(text);
  if (file === null) return { settings: first, isDamaged: true };
  const switches = readSwitches(file["switches"], first.switches);
  const port = wholeNumber(file["port"], 1, 65_535);
  const placement = readPlacement(file["placement"]);
  const isOdd =
    switches === null ||
    (file["port"] !== undefined && port === null) ||
    !["boolean", "undefined"].includes(typeof file["portIsFixed"]) ||
    (isMembers(file["placement"]) && placement === null);
  return {
    settings: {
      switches: switches ?? first.switches,
      placement,
      port: port ?? first.port,
      portIsFixed: file["portIsFixed"] === true,
      toldHidden: file["toldHidden"] === true,
      softwareRendering: file["softwareRendering"] === true,
      toldSoftware: file["toldSoftware"] === true,
    },
    isDamaged: isOdd,
  };
}

/** The file's text. */
export function settingsText(settings: Settings): string {
  return `${JSON.stringify(settings, null, 2)}\n`;
}

function readSwitches(value: unknown, first: Switches): Switches | null {
  if (value === undefined) return first;
  if (!isMembers(value)) return null;
  const known: Members = value;
  const isSound = SETTING_NAMES.every((name) =>
    ["boolean", "undefined"].includes(typeof known[name]),
  );
  if (!isSound) return null;
  const given = SETTING_NAMES.filter((name) => typeof known[name] === "boolean");
  return { ...first, ...Object.fromEntries(given.map((name) => [name, known[name]])) };
}
