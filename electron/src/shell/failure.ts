/** An error in the window's own program that nobody caught: its state cannot be trusted any more. */
import { join } from "node:path";

import { redact } from "../redact";
import { EXIT_FATAL, type ExitPath } from "./exit-path";
import { LOG_NAME } from "./log-file";
import type { ShellParts } from "./shell";
import { words } from "./words";

/** Logs the error; the first one is also told, and ends the app with what it started. */
export function leaveBecause(error: unknown, parts: ShellParts, exitPath: ExitPath): void {
  const { desktop, facts, log } = parts;
  log(`fatal: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  if (exitPath.isLeaving) return;
  const why = redact(error instanceof Error ? error.message : String(error));
  const { title, text, again, quit } = words.failure;
  const detail = text(why, join(facts.logFolder, LOG_NAME));
  const answer = desktop.confirm(title, detail, again, quit);
  exitPath.leave("an error", { code: EXIT_FATAL, answer });
}
