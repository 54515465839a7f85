/** Starting at login on Linux: a desktop entry in the user's autostart folder. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
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

/** The program to start: an AppImage runs from a mount that is gone tomorrow, so its file is named. */
export function autostartCommand(env: Environment, execPath: string): readonly string[] {
  const image = env["APPIMAGE"];
  return [image === undefined || image === "" ? execPath : image, HIDDEN];
}

/** The entry's text, after the Desktop Entry Specification. */
export function autostartEntry(command: readonly string[]): string {
  return [
    "[Desktop Entry]",
    "Type=Application",
    `Name=${PRODUCT}`,
    `Exec=${command.map(quoted).join(" ")}`,
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

/** Quoted twice: as an argument of Exec, and as a value of the file. `%` would begin a field code. */
function quoted(word: string): string {
  const argument = word.replace(/["`$\\]/g, "\\$&").replaceAll("%", "%%");
  return `"${argument.replaceAll("\\", "\\\\")}"`;
}
