/** A display and a message bus for the whole run, so that no window shows up on anybody's screen. */
import { type ChildProcess, spawn } from "node:child_process";

import type { TestProject } from "vitest/node";

import { ending } from "./ending";

declare module "vitest" {
  interface ProvidedContext {
    readonly display: string;
    readonly bus: string;
  }
}

const SCREEN = "1600x1000x24";

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // The number of a free display is chosen by the server itself and told on its standard output.
  const display = await started("Xvfb", [
    ...["-displayfd", "1", "-screen", "0", SCREEN, "-nolisten", "tcp", "-ac"],
  ]);
  const bus = await started("dbus-daemon", ["--session", "--nofork", "--print-address=1"]);
  project.provide("display", `:${display.said}`);
  project.provide("bus", bus.said);
  return async () => {
    for (const { child } of [bus, display]) {
      const ended = ending(child);
      child.kill("SIGTERM");
      await ended;
    }
  };
}

/** A running program and the first line that it said. */
async function started(
  program: string,
  args: readonly string[],
): Promise<{ readonly child: ChildProcess; readonly said: string }> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "ignore"] });
  const said = await new Promise<string>((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes("\n")) resolve(text.trim());
    });
    child.once("error", reject);
    child.once("exit", (code) => {
      reject(new Error(`${program} ended with ${String(code)} before it was ready`));
    });
  });
  return { child, said };
}
