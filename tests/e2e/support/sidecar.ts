/** The real sidecar with its own data folder, started and ended like a user would. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, URL } from "node:url";

import type { EndpointView, Incident } from "@/wire/frames";

import { freePort } from "./ports";
import { endStrayEngine } from "./processes";
import { until } from "./until";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

function inVenv(name: string): string {
  return process.platform === "win32"
    ? join(ROOT, ".venv", "Scripts", `${name}.exe`)
    : join(ROOT, ".venv", "bin", name);
}

/** The program as it is installed. */
export const PROGRAM = inVenv("llama-runner-pro");
export const PYTHON = inVenv("python");
/** SIGTERM promises an end within 10 s. */
const GRACE_MS = 12_000;

export interface SidecarOptions {
  /** Model servers beside the demo; as in the configuration file. */
  readonly endpoints?: readonly object[];
  /**
   * The embedded engine with the demo model, on a port of its own: configured in the file, added
   * by the option `--demo`, or left out. @default "configured"
   */
  readonly demo?: "configured" | "option" | "none";
  /** More of the configuration file, such as `alerts`. */
  readonly settings?: object;
  /**
   * Open the gateway's doors, on ports of their own. Without it they stay shut, so that sidecars do
   * not fight for the usual ports. @default false
   */
  readonly gateway?: boolean;
  /** Start as after an installation, without a configuration file. */
  readonly isNew?: boolean;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly tookMs: number;
}

export class Sidecar {
  readonly dataDir = mkdtempSync(join(tmpdir(), "llama-runner-pro-e2e-"));
  /** Everything it said on its standard output and error, over all its lives. */
  output = "";
  port = 0;
  /** Ports of the gateway's doors, chosen at the start. */
  readonly doorPorts = {
    openai: { port: 0, alternative_port: 0 },
    ollama: { port: 0, alternative_port: 0 },
  };
  readonly #options: SidecarOptions;
  #child: ChildProcess | null = null;
  #ended: Promise<Ended> = Promise.resolve({ code: null, signal: null, tookMs: 0 });

  constructor(options: SidecarOptions = {}) {
    this.#options = options;
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.port)}`;
  }

  get configFile(): string {
    return join(this.dataDir, "config.json");
  }

  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error("the sidecar is not running");
    return this.#child.pid;
  }

  /** Start it, again on the port that it had, and wait until it answers. */
  async start(): Promise<void> {
    if (this.port === 0) await this.#configure();
    const demo = this.#options.demo === "option" ? ["--demo"] : [];
    const doors = this.#options.gateway === true ? [] : ["--no-gateway"];
    const child = spawn(
      PROGRAM,
      ["serve", "--port", String(this.port), "--data-dir", this.dataDir, ...demo, ...doors],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    this.#child = child;
    this.#ended = ending(child);
    const take = (chunk: Buffer): void => {
      this.output += chunk.toString();
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    await until("the sidecar answers", async () => {
      if (child.exitCode !== null) throw new Error(`the sidecar ended:\n${this.output}`);
      return fetch(`${this.url}/api/health`).then(
        (answer) => answer.ok,
        () => false,
      );
    });
  }

  async #configure(): Promise<void> {
    this.port = await freePort();
    const { demo = "configured", endpoints = [], settings = {}, isNew = false } = this.#options;
    if (isNew) return;
    const config = {
      check_interval: 1,
      ...(this.#options.gateway === true ? { gateway: await this.#doors() } : {}),
      ...settings,
      endpoints: demo === "configured" ? [await demoEndpoint(), ...endpoints] : endpoints,
    };
    writeFileSync(this.configFile, JSON.stringify(config, null, 2));
  }

  async #doors(): Promise<object> {
    const { openai, ollama } = this.doorPorts;
    for (const door of [openai, ollama]) {
      door.port = await freePort();
      door.alternative_port = await freePort();
    }
    return { openai, ollama };
  }

  /** Where OpenAI clients reach the gateway. */
  get gatewayUrl(): string {
    return `http://127.0.0.1:${String(this.doorPorts.openai.port)}`;
  }

  /** Ask it to end, and force it when it does not. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<Ended> {
    const child = this.#child;
    if (child === null) return this.#ended;
    this.#child = null;
    const begun = performance.now();
    child.kill(signal);
    const force = setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
    const ended = await this.#ended;
    clearTimeout(force);
    return { ...ended, tookMs: performance.now() - begun };
  }

  /** End it without a goodbye; its engines live on. */
  async kill(): Promise<void> {
    await this.stop("SIGKILL");
  }

  /** End everything and remove the data folder. Names the engines that outlived the sidecar. */
  async dispose(): Promise<number[]> {
    await this.stop();
    const strays = this.#recordedPids().filter(endStrayEngine);
    rmSync(this.dataDir, { recursive: true, force: true, maxRetries: 3 });
    return strays;
  }

  #recordedPids(): number[] {
    const text = readIfThere(join(this.dataDir, "run", "processes.json"));
    if (text === null) return [];
    const { processes } = JSON.parse(text) as {
      processes: Record<string, { identity: { pid: number } }>;
    };
    return Object.values(processes).map((record) => record.identity.pid);
  }

  async get<T>(path: string): Promise<T> {
    const response = await fetch(this.url + path).catch((error: unknown) => {
      throw new Error(`GET ${path} failed: ${this.#howItIs()}`, { cause: error });
    });
    if (!response.ok) throw new Error(`GET ${path}: ${String(response.status)}`);
    return (await response.json()) as T;
  }

  /** Give a command; its answer is the envelope. */
  async post(path: string, body: object = {}): Promise<unknown> {
    const response = await fetch(this.url + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`POST ${path}: ${String(response.status)}`);
    return response.json();
  }

  async endpoint(name: string): Promise<EndpointView> {
    return this.get<EndpointView>(`/api/endpoints/${encodeURIComponent(name)}`);
  }

  /** Wait until an endpoint is in a state, and say how it stands then. */
  async untilState(name: string, state: EndpointView["state"]): Promise<EndpointView> {
    let last = "";
    try {
      return await until(`${name} is ${state}`, async () => {
        const view = await this.endpoint(name);
        last = `${view.state}: ${view.reason ?? "no reason given"}`;
        return view.state === state && view;
      });
    } catch (error) {
      throw new Error(`${String(error)}; last seen ${last}\n${this.lastWords()}`, { cause: error });
    }
  }

  /** Newest first. */
  async incidents(): Promise<Incident[]> {
    return (await this.get<{ incidents: Incident[] }>("/api/incidents")).incidents;
  }

  /** The pid of an endpoint that runs. */
  async pidOf(name: string): Promise<number> {
    const { pid } = await this.endpoint(name);
    if (pid === null) throw new Error(`${name} has no process`);
    return pid;
  }

  #howItIs(): string {
    const { exitCode, signalCode } = this.#child ?? { exitCode: null, signalCode: null };
    return exitCode === null && signalCode === null
      ? "the sidecar does not answer"
      : `the sidecar ended by itself, with ${String(exitCode ?? signalCode)}`;
  }

  /** The end of its own log, for messages of failed tests. */
  lastWords(): string {
    const log = readIfThere(join(this.dataDir, "logs", "ai_monitor.log"));
    const tail = log?.split("\n").slice(-30).join("\n") ?? "there is none";
    return `--- output of the sidecar ---\n${this.output}\n--- ai_monitor.log ---\n${tail}`;
  }
}

/** What `--demo` adds, on a port that no other sidecar of this computer will choose. */
async function demoEndpoint(): Promise<object> {
  return { name: "demo", kind: "embedded", port: await freePort(), model_path: demoModel() };
}

/** The file of the small model that comes with the program. */
export function demoModel(): string {
  const ask = "from llama_runner_pro.engine.demo import demo_model_path as p; print(p())";
  return execFileSync(PYTHON, ["-c", ask], { encoding: "utf8" }).trim();
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

function ending(child: ChildProcess): Promise<Ended> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      resolve({ code, signal, tookMs: 0 });
    });
  });
}
