/** Starting at login: on Linux a desktop entry in the user's autostart folder. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { PRODUCT, PROGRAM } from "../identity";
import { HIDDEN } from "./flags";

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the entry is. */
export function autostartPath(env: Environment, home: string): string {
  const config = env["XDG_CONFIG_HOME"];
  const folder = config === undefined || config === "" ? join(home, ".config") : config;
  return join(folder, "autostart", `${PROGRAM}.desktop`);
}

/**
 * What is to be started. An AppImage runs from a mount that is gone tomorrow, so its file is named;
 * from a checkout Electron is told which app it is to run.
 */
export function autostartCommand(
  env: Environment,
  execPath: string,
  checkout: string | null,
): readonly string[] {
  const program = named(env["APPIMAGE"]) ?? execPath;
  return [program, ...(checkout === null ? [] : [checkout]), HIDDEN];
}

/** What macOS and Windows are asked for. A portable program unpacks itself to a new place each time. */
export function loginItem(env: Environment, wanted: boolean): LoginItem {
  const path = named(env["PORTABLE_EXECUTABLE_FILE"]);
  return { openAtLogin: wanted, args: [HIDDEN], ...(path === null ? {} : { path }) };
}

export interface LoginItem {
  readonly openAtLogin: boolean;
  readonly args: string[];
  readonly path?: string;
}

/** The entry's text, after the Desktop Entry Specification. */
export function autostartEntry(command: readonly string[]): string {
  return [
    "[Desktop Entry]",
    "Type=Application",
    `Name=${PRODUCT}`,
    execLine(command),
    "Terminal=false",
    "X-GNOME-Autostart-enabled=true",
    "",
  ].join("\n");
}

/** Writes or removes the entry. Throws what the file system says. */
export function setAutostart(path: string, command: readonly string[] | null): void {
  if (command === null) {
    rmSync(path, { force: true });
    return;
  }
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, autostartEntry(command));
}

/**
 * Names the program in an entry that is there, as it is to be started now; the rest stays as the
 * desktop's own settings left it. False when somebody took the entry away. Throws what the file
 * system says.
 */
export function renewAutostart(path: string, command: readonly string[]): boolean {
  const entry = readEntry(path);
  if (entry === null) return false;
  const renewed = entry.replace(/^Exec=.*$/m, () => execLine(command));
  if (renewed !== entry) writeFileSync(path, renewed);
  return true;
}

function readEntry(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

function execLine(command: readonly string[]): string {
  return `Exec=${command.map(quoted).join(" ")}`;
}

function named(path: string | undefined): string | null {
  return path === undefined || path === "" ? null : path;
}

/** Quoted twice: as an argument of Exec, and as a value of the file. `%` would begin a field code. */
function quoted(word: string): string {
  const argument = word.replace(/["`$\\]/g, "\\$&").replaceAll("%", "%%");
  return `"${argument.replaceAll("\\", "\\\\")}"`;
}
