import { appendFileSync, mkdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";

import { redact } from "../redact";

const LARGEST_BYTES = 2_000_000;
export const LOG_NAME = "desktop.log";

/**
 * The shell's log, with what the sidecar logs beside it. When it is full it becomes
 * `desktop.log.1`, and a new one begins. A disk that takes nothing stops nothing.
 */
export class LogFile {
  private bytes: number | null = null;
  private readonly path: string;

  constructor(private readonly folder: string) {
    this.path = join(folder, LOG_NAME);
  }

  /** Writes a line with the time in front of it. */
  write(from: "shell" | "sidecar", text: string): void {
    const line = `${new Date().toISOString()} ${from} ${redact(text)}\n`;
    try {
      this.makeRoom(Buffer.byteLength(line));
      appendFileSync(this.path, line, { mode: 0o600 });
    } catch (error) {
      if (!(error instanceof Error && "code" in error)) throw error;
      // The folder may have been taken away: the next line looks anew.
      this.bytes = null;
    }
  }

  private makeRoom(bytes: number): void {
    if (this.bytes === null) {
      mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      this.bytes = statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
    }
    if (this.bytes + bytes > LARGEST_BYTES) {
      renameSync(this.path, `${this.path}.1`);
      this.bytes = 0;
    }
    this.bytes += bytes;
  }
}
