/** A tray on the run's message bus, for as long as a test wants one. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { join } from "node:path";

import { inject } from "vitest";

import { PYTHON } from "../../e2e/support/sidecar";
import { until } from "../../e2e/support/until";

import { ending } from "./ending";
import { ROOT } from "./world";

const HOST = join(ROOT, "tests", "tools", "tray_host.py");

function surroundings(): NodeJS.ProcessEnv {
  return { ...process.env, DBUS_SESSION_BUS_ADDRESS: inject("bus") };
}

export class Tray {
  #said = "";

  private constructor(private readonly host: ChildProcess) {
    host.stdout?.on("data", (chunk: Buffer) => {
      this.#said += chunk.toString();
    });
  }

  static async open(): Promise<Tray> {
    const host = spawn(PYTHON, [HOST, "serve"], {
      env: surroundings(),
      stdio: ["ignore", "pipe", "inherit"],
    });
    const tray = new Tray(host);
    await until("the tray is there", () => tray.#said.startsWith("ready\n"));
    return tray;
  }

  /** The name of the icon that came last; waits for the first one. */
  async #icon(): Promise<string> {
    return until("an icon is in the tray", () => this.#said.trim().split("\n").slice(1).at(-1));
  }

  /** The lines of the icon's menu, as they read now. */
  async menu(): Promise<string[]> {
    const said = this.#ask("menu", await this.#icon());
    const entries = JSON.parse(said) as { label?: string }[];
    return entries.flatMap(({ label }) => (label === undefined ? [] : [label]));
  }

  async click(label: string): Promise<void> {
    this.#ask("click", await this.#icon(), label);
  }

  #ask(...args: readonly string[]): string {
    return execFileSync(PYTHON, [HOST, ...args], { encoding: "utf8", env: surroundings() });
  }

  async close(): Promise<void> {
    const ended = ending(this.host);
    this.host.kill("SIGTERM");
    await ended;
  }
}
