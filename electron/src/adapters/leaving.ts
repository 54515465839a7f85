/** Every way out of the app leads to the one exit path. */
import { app, powerMonitor } from "electron";

import { EXIT_FATAL, type ExitPath } from "../shell/exit-path";

const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/** Quit, signals, the end of the session, and errors that nobody caught. */
export function setupLeaving(exitPath: ExitPath, log: (text: string) => void): void {
  app.on("before-quit", (event) => {
    if (exitPath.isOpen) return;
    event.preventDefault();
    exitPath.leave("quit");
  });
  // The exit path ends the app; without a listener Electron would, as soon as the window is gone.
  app.on("window-all-closed", () => {
    if (!exitPath.isLeaving) exitPath.leave("all windows are closed");
  });
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      exitPath.leave(signal);
    });
  }
  if (process.platform !== "win32") {
    powerMonitor.on("shutdown", () => {
      exitPath.leave("the computer shuts down");
    });
  }
  const fatal = (error: unknown): void => {
    log(`fatal: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    exitPath.leave("an error", { code: EXIT_FATAL });
  };
  process.on("uncaughtException", fatal);
  process.on("unhandledRejection", fatal);
}

/** A terminal that has gone must not bring the app down when something is written to it. */
export function setupOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
}
