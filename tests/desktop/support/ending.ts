import type { ChildProcess } from "node:child_process";

/** How a program ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Resolves when a program has ended; at once when it has already. */
export async function ending(child: ChildProcess): Promise<Ending> {
  const { exitCode: code, signalCode: signal } = child;
  if (code !== null || signal !== null) return { code, signal };
  return new Promise((resolve) => {
    child.once("exit", (lastCode, lastSignal) => {
      resolve({ code: lastCode, signal: lastSignal });
    });
  });
}
