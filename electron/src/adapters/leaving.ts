/** Every way out of the app leads to the one exit path. */
import { app, powerMonitor } from "electron";

import type { ExitPath } from "../shell/exit-path";

const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/** Errors that nobody caught. Until somebody listens they only end the start. */
export interface Uncaught {
  tell(error: unknown): void;
  listen(listener: (error: unknown) => void): void;
}

/** Has every error of this process told to one listener, at first to `atStart`. */
export function setupErrors(atStart: (error: unknown) => void): Uncaught {
  let hear = atStart;
  const tell = (error: unknown): void => {
    hear(error);
  };
  process.on("uncaughtException", tell);
  process.on("unhandledRejection", tell);
  return {
    tell,
    listen(listener) {
      hear = listener;
    },
  };
}

/** Quit, signals, and the end of the session. */
export function setupLeaving(exitPath: ExitPath): void {
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
}

/** A terminal that has gone must not bring the app down when something is written to it. */
export function setupOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
}
