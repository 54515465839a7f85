/** The verbs between pages and shell, each with what it takes. Anything else is refused. */
import { isMembers } from "../json";
import { SETTING_NAMES, type SettingName } from "../shell/settings";

export const PREFIX = "llama-runner-pro:";

/** What a page may ask, besides changing a setting: none of these takes an argument. */
export const VERBS = [
  "getView",
  "getState",
  "getSettings",
  "restart",
  "copyDiagnostics",
  "openLogs",
  "quit",
] as const;
export type Verb = (typeof VERBS)[number];

/** What the shell tells pages without being asked. */
export const VIEW_CHANNEL = `${PREFIX}view`;
export const SET_CHANNEL = `${PREFIX}setSetting`;

/** A change that a page asks for. */
export interface Change {
  readonly name: SettingName;
  readonly value: boolean;
}

/** Reads the argument of `setSetting`; null when it is not a known switch with a new position. */
export function readChange(argument: unknown): Change | null {
  if (!isMembers(argument)) return null;
  const { name, value } = argument;
  if (typeof value !== "boolean" || Object.keys(argument).length !== 2) return null;
  const known = SETTING_NAMES.find((one) => one === name);
  return known === undefined ? null : { name: known, value };
}
