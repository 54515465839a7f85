import { execFile } from "node:child_process";

import { PROGRAM } from "./sidecar";
import { PATIENCE_MS } from "./until";

export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Run the command to its end, as in a shell. */
export async function command(...args: readonly string[]): Promise<Said> {
  return new Promise((resolve, reject) => {
    execFile(PROGRAM, [...args], { timeout: PATIENCE_MS }, (error, stdout, stderr) => {
      if (error === null) resolve({ code: 0, stdout, stderr });
      else if (typeof error.code === "number") resolve({ code: error.code, stdout, stderr });
      else reject(new Error(`${args.join(" ")}: ${error.message}`, { cause: error }));
    });
  });
}
