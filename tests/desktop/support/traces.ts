/** What a run notes before it changes this system, so that the next one undoes what a killed one
 * left. Nothing else proves that an installed package is a test's and not somebody's own.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

export interface Traces {
  /** The run's. */
  readonly pid: number;
  readonly account: string;
  /** SHA-256 of the package's own list of its files and their sums. */
  readonly sums: string;
}

const CACHE =
  process.env["LLAMA_RUNNER_PRO_CACHE"] ?? join(homedir(), ".cache", "llama-runner-pro");
export const NOTE = join(CACHE, "desktop-test.json");

export function sumOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

export function note(traces: Traces): void {
  mkdirSync(dirname(NOTE), { recursive: true });
  writeFileSync(NOTE, JSON.stringify(traces));
}

/** What the last run noted and did not take back; null when nothing is left of it. */
export function noted(): Traces | null {
  try {
    return JSON.parse(readFileSync(NOTE, "utf8")) as Traces;
  } catch {
    return null;
  }
}

export function forget(): void {
  rmSync(NOTE, { force: true });
}

/** Whether that run, another one than this, goes on. */
export function isUnderWay({ pid }: Traces): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
