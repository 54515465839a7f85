import { app } from "electron";
import { homedir } from "node:os";

import {
  autostartCommand,
  autostartPath,
  loginItem,
  renewAutostart,
  setAutostart,
} from "../shell/autostart";

/** Starting at login, as this system has it. */
export class Login {
  constructor(private readonly isPackaged: boolean) {}

  /** Has the app started at login, or no longer. Throws with the system's words. */
  set(wanted: boolean): void {
    if (process.platform === "linux") setAutostart(entryPath(), wanted ? this.command() : null);
    else app.setLoginItemSettings(loginItem(process.env, wanted));
  }

  /** Has an entry name the program where it is now; macOS and Windows look after theirs. */
  renew(): boolean {
    return process.platform !== "linux" || renewAutostart(entryPath(), this.command());
  }

  private command(): readonly string[] {
    return autostartCommand(
      process.env,
      process.execPath,
      this.isPackaged ? null : app.getAppPath(),
    );
  }
}

function entryPath(): string {
  return autostartPath(process.env, homedir());
}
