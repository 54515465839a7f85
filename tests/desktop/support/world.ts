/** A user of this computer whose home is a temporary folder, with one model to be watched. */
import {
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, URL } from "node:url";

import { inject } from "vitest";

import { freePort } from "../../e2e/support/ports";
import { demoModel } from "../../e2e/support/sidecar";
import { until } from "../../e2e/support/until";

export const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
/** Longer than a graceful end may take with everything that has to be forced. */
const UNTIL_GONE_MS = 90_000;

/** A program that belongs to a world. */
export interface Ours {
  readonly pid: number;
  readonly command: string;
}

export class World {
  /** All that belongs to this world has this name in its environment or command line. */
  readonly folder = mkdtempSync(join(tmpdir(), "llama-runner-pro-desktop-"));
  readonly home = join(this.folder, "home");
  readonly dataDir = join(this.folder, "data");
  /** Where the window keeps its own things, as the program chooses it by itself. */
  readonly userData = join(this.home, ".config", "llama-runner-pro");
  readonly configFile = join(this.dataDir, "config.json");
  /** More of the environment, for programs started from now on. */
  readonly env: Record<string, string> = {};

  private constructor(readonly port: number) {
    for (const folder of [this.home, this.dataDir, this.userData]) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    }
  }

  /** A world with the demo model in its configuration, ready to be watched. */
  static async make(): Promise<World> {
    const world = new World(await freePort());
    const demo = { kind: "embedded", port: await freePort(), model_path: world.#model() };
    world.configure({
      check_interval: 1,
      // The usual ports belong to whoever uses this computer.
      gateway: { enabled: false },
      endpoints: [{ name: "demo", ...demo }],
    });
    world.remember({ port: world.port });
    return world;
  }

  /** The demo model at a place that other users of this computer may read as well. */
  #model(): string {
    const link = join(this.folder, "demo.gguf");
    try {
      linkSync(demoModel(), link);
    } catch {
      copyFileSync(demoModel(), link);
    }
    return link;
  }

  configure(config: object): void {
    writeFileSync(this.configFile, JSON.stringify(config, null, 2));
  }

  /** What the window remembers from the time before. */
  remember(settings: object): void {
    writeFileSync(join(this.userData, "desktop.json"), JSON.stringify(settings));
  }

  environment(): Record<string, string> {
    return {
      PATH: process.env["PATH"] ?? "",
      LANG: "C.UTF-8",
      HOME: this.home,
      XDG_RUNTIME_DIR: this.userData,
      DISPLAY: inject("display"),
      DBUS_SESSION_BUS_ADDRESS: inject("bus"),
      LLAMA_RUNNER_PRO_DATA_DIR: this.dataDir,
      ...this.env,
    };
  }

  /** Every program of this world that runs; one that ended and waits to be collected is none. */
  ours(): Ours[] {
    return readdirSync("/proc")
      .filter((entry) => /^\d+$/.test(entry))
      .flatMap((entry) => {
        const command = read(`/proc/${entry}/cmdline`).replaceAll("\0", " ").trim();
        const isOurs = command.includes(this.folder) || this.#marks(entry);
        return isOurs && command !== "" ? [{ pid: Number(entry), command }] : [];
      });
  }

  #marks(pid: string): boolean {
    return read(`/proc/${pid}/environ`).includes(this.folder);
  }

  /** The frozen sidecar itself, without its engines and its guard. */
  sidecars(): number[] {
    return this.#running(/llama-runner-pro-backend serve /);
  }

  engines(): number[] {
    return this.#running(/llama-runner-pro-backend engine /);
  }

  #running(which: RegExp): number[] {
    return this.ours()
      .filter(({ command }) => which.test(`${command} `))
      .map(({ pid }) => pid);
  }

  /** Wait until nothing of this world runs any more; names what does when it was in vain. */
  async untilNothingIsLeft(): Promise<void> {
    try {
      await until("nothing of ours runs", () => this.ours().length === 0, UNTIL_GONE_MS);
    } catch {
      const left = this.ours().map(({ pid, command }) => `${String(pid)} ${command}`);
      throw new Error(`still running:\n${left.join("\n")}\n${this.lastWords()}`);
    }
  }

  /** The end of every log, for messages of failed tests. */
  lastWords(): string {
    const folders = [join(this.dataDir, "logs"), join(this.userData, "logs")];
    return folders
      .flatMap((folder) => names(folder).map((name) => join(folder, name)))
      .map((path) => `--- ${path} ---\n${read(path).split("\n").slice(-40).join("\n")}`)
      .join("\n");
  }

  /** End what a failed test left running, and remove everything. */
  dispose(): void {
    for (const { pid } of this.ours()) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // It ended by itself between the look and the signal.
      }
    }
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(".log"));
  } catch {
    return [];
  }
}
