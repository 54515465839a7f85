import { app } from "electron";
import { homedir } from "node:os";

import { autostartCommand, autostartPath, setAutostart } from "../shell/autostart";
import { HIDDEN } from "../shell/flags";

/** Has the app started at login, or no longer. Throws with the system's words. */
export function setStartAtLogin(wanted: boolean): void {
  if (process.platform === "linux") {
    const path = autostartPath(process.env, homedir());
    setAutostart(path, wanted ? autostartCommand(process.env, process.execPath) : null);
    return;
  }
  app.setLoginItemSettings({ openAtLogin: wanted, args: [HIDDEN] });
}
