/** Menus as data; the adapter turns them into the system's. */
import type { SettingName } from "../shell/settings";

/** What menus and the tray can ask of the shell. */
export type CommandName =
  | "open"
  | "heal"
  | "pause"
  | "resume"
  | "restart"
  | "quit"
  | "settings"
  | "logs"
  | "diagnostics"
  | "updates"
  | "graphics";

/** Things that the system itself knows how to do and name. */
export type Role =
  | "about"
  | "services"
  | "hide"
  | "hideOthers"
  | "unhide"
  | "undo"
  | "redo"
  | "cut"
  | "copy"
  | "paste"
  | "selectAll"
  | "reload"
  | "resetZoom"
  | "zoomIn"
  | "zoomOut"
  | "togglefullscreen"
  | "toggleDevTools"
  | "minimize"
  | "zoom"
  | "front"
  | "close";

/** One line of a menu. */
export interface Entry {
  readonly id?: string;
  readonly label?: string;
  readonly type?: "separator" | "checkbox";
  readonly role?: Role;
  readonly accelerator?: string;
  readonly enabled?: boolean;
  readonly checked?: boolean;
  readonly command?: CommandName;
  readonly setting?: SettingName;
  readonly submenu?: readonly Entry[];
}

export const SEPARATOR: Entry = { type: "separator" };

/** Text from elsewhere, such as names of models: an ampersand would underline what follows it. */
export function plain(text: string): string {
  return text.replaceAll("&", "&&");
}

/** A line that runs a command; its id is the command's name. */
export function commandEntry(
  command: CommandName,
  label: string,
  more: Partial<Entry> = {},
): Entry {
  return { id: command, label, command, ...more };
}

/** A line that flips a setting. */
export function settingEntry(setting: SettingName, label: string, checked: boolean): Entry {
  return { id: setting, label, type: "checkbox", checked, setting };
}
