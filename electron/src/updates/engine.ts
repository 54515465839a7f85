/** electron-updater, held to what we promise: nothing is fetched or installed unasked. */
import type { Engine } from "./updates";

/** What is used of electron-updater's `autoUpdater`. */
export interface Updater {
  autoDownload: boolean;
  autoInstallOnAppQuit: boolean;
  logger: unknown;
  checkForUpdates(): Promise<{
    readonly isUpdateAvailable: boolean;
    readonly updateInfo: { readonly version: string };
  } | null>;
  downloadUpdate(): Promise<unknown>;
  quitAndInstall(): void;
}

export function engineOf(updater: Updater): Engine {
  updater.autoDownload = false;
  // An installer that runs while the system shuts down can leave no app at all.
  updater.autoInstallOnAppQuit = false;
  updater.logger = null;
  return {
    async look() {
      const found = await updater.checkForUpdates();
      return found?.isUpdateAvailable === true ? found.updateInfo.version : null;
    },
    async download() {
      await updater.downloadUpdate();
    },
    install() {
      updater.quitAndInstall();
    },
  };
}
