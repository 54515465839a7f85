import { app } from "electron";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { engineOf } from "../updates/engine";
import { type Route, updateRoute } from "../updates/update-policy";
import type { Engine } from "../updates/updates";

/** Whether this installation may replace itself. */
export function installedRoute(isPackaged: boolean): Route {
  const isMac = process.platform === "darwin";
  return updateRoute({
    platform: process.platform,
    isPackaged,
    hasFeed: existsSync(join(process.resourcesPath, "app-update.yml")),
    appImage: process.env["APPIMAGE"],
    portableFolder: process.env["PORTABLE_EXECUTABLE_DIR"],
    isInApplications: !isMac || app.isInApplicationsFolder(),
  });
}

/** electron-updater, loaded at first use: most installations never need it. */
export async function updateEngine(): Promise<Engine> {
  const { autoUpdater } = await import("electron-updater");
  return engineOf(autoUpdater);
}
