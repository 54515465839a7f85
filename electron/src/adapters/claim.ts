/** What has to be decided before Electron is ready: folders, the sandbox, and who of us runs. */
import { app } from "electron";
import { join } from "node:path";

import { APP_ID, SCHEME } from "../identity";
import { type Flags, isSummons, readFlags } from "../shell/flags";

/** Gets the links that other starts of the app bring along; null when they bring none. */
export type OnSummon = (link: string | null) => void;

/** The right to run: there is one for each folder of settings. */
export interface Claim {
  readonly flags: Flags;
  /** From now on `listener` hears of other starts and links; what came before is told at once. */
  listen(listener: OnSummon): void;
}

/** Puts the shell's own files where the command line says, or where the system wants them. */
export function setupFolders(): void {
  const folder = app.commandLine.getSwitchValue("user-data-dir");
  if (folder !== "") app.setPath("userData", folder);
  app.setAppLogsPath(join(app.getPath("userData"), "logs"));
}

/**
 * Every page in the sandbox. Where somebody turned it off on the command line (the tests do, as
 * root) Chromium cannot start a sandboxed page, and we do not insist.
 */
export function setupSandbox(): void {
  if (!app.commandLine.hasSwitch("no-sandbox")) app.enableSandbox();
}

/** Whether pages are drawn without the graphics card, by our own memory or by the command line. */
export function setupGraphics(isSoftware: boolean): boolean {
  if (isSoftware) app.disableHardwareAcceleration();
  return isSoftware || app.commandLine.hasSwitch("disable-gpu");
}

/** Null when another one of us runs: it has been told what this one was started for. */
export function setupSingleInstance(): Claim | null {
  if (!app.requestSingleInstanceLock()) return null;
  const waiting: (string | null)[] = [];
  let hear: OnSummon = (link) => waiting.push(link);
  app.on("second-instance", (_event, argv) => {
    const flags = readFlags(argv.slice(1));
    if (isSummons(flags)) hear(flags.link);
  });
  // macOS gives links this way, to the running app as well as to a new one.
  app.on("open-url", (event, url) => {
    event.preventDefault();
    hear(url);
  });
  return {
    flags: ownFlags(),
    listen(listener) {
      hear = listener;
      // macOS tells of the first start as well, which is no wish to see a hidden window.
      app.on("activate", () => {
        listener(null);
      });
      for (const link of waiting.splice(0)) listener(link);
    },
  };
}

/** macOS passes no words to what it starts at login, but says that it did. */
function ownFlags(): Flags {
  const flags = readFlags(process.argv.slice(1));
  const isLogin = process.platform === "darwin" && app.getLoginItemSettings().wasOpenedAtLogin;
  return { ...flags, isHidden: flags.isHidden || isLogin };
}

/** What the system knows us by. Linux learns it from the desktop entry. */
export function setupIdentity(isPackaged: boolean): void {
  app.setAppUserModelId(APP_ID);
  if (isPackaged && process.platform !== "linux") app.setAsDefaultProtocolClient(SCHEME);
}
