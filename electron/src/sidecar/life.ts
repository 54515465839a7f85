/** One life of the sidecar: from its start to its end. */
import type { ChildProcess, SpawnOptions } from "node:child_process";

import type { Clock } from "../clock";
import {
  type Greeting,
  greetingLine,
  readLine,
  shutdownLine,
  type SidecarEvent,
} from "./handshake";
import { LineSplitter } from "./lines";

/** How a life ended. */
export interface End {
  readonly code: number | null;
  readonly signal: string | null;
  /** An end of its own, or why it never began or was cut short by us. */
  readonly cause: Cause;
  /** More about the cause; empty when there is no more. */
  readonly problem: string;
}

/** missing: cannot be started; silent: never got ready; not-ours: could not prove what it is. */
export type Cause = "exit" | "missing" | "silent" | "not-ours";

/** Told while a life lasts; `ended` is told once, and last. */
export interface Listener {
  said(event: SidecarEvent): void;
  logged(line: string): void;
  ended(end: End): void;
}

/** What a life needs of the world. */
export interface World {
  spawn(program: string, argv: readonly string[], options: SpawnOptions): ChildProcess;
  /** Ends a process and everything that belongs to it, at once. */
  killTree(pid: number): void;
  readonly clock: Clock;
  readonly platform: NodeJS.Platform;
}

/** What is started. */
export interface Start {
  readonly program: string;
  readonly cwd: string;
  readonly env: Record<string, string>;
  readonly greeting: Greeting;
}

export const ARGUMENTS = ["serve", "--desktop"] as const;

/** A started sidecar. Every path out of it tells `ended`. */
export class Life {
  private readonly child: ChildProcess;
  private why: Pick<End, "cause" | "problem"> = { cause: "exit", problem: "" };
  private over = false;

  constructor(
    private readonly world: World,
    private readonly start: Start,
    private readonly listener: Listener,
  ) {
    this.child = world.spawn(start.program, ARGUMENTS, {
      cwd: start.cwd,
      env: start.env,
      stdio: ["pipe", "pipe", "pipe"],
      windowsHide: true,
      // A group of its own can be ended as a whole. On Windows the job of the shell is better.
      detached: world.platform !== "win32",
    });
    this.listen();
    this.write(greetingLine(start.greeting));
  }

  /** Null when the program could not be started at all. */
  get pid(): number | null {
    return this.child.pid ?? null;
  }

  /** Asks it to end; it says `stopped` when it has. */
  askToStop(keepModels: boolean, deadlineMs: number): void {
    this.write(shutdownLine(keepModels, deadlineMs));
  }

  /** Ends it at once; `ended` will tell why. */
  kill(cause: Cause, problem: string): void {
    if (this.over) return;
    this.why = { cause, problem };
    const { pid } = this;
    if (pid !== null) this.world.killTree(pid);
  }

  private listen(): void {
    const { child } = this;
    const { stdin, stdout, stderr } = child;
    // A sidecar that is gone while we write is told by its end; the pipe's error adds nothing.
    stdin?.on("error", () => undefined);
    const events = new LineSplitter((line) => {
      this.read(line);
    });
    const logs = new LineSplitter((line) => {
      this.listener.logged(line);
    });
    stdout?.on("data", (chunk: Buffer) => {
      events.push(chunk);
    });
    stderr?.on("data", (chunk: Buffer) => {
      logs.push(chunk);
    });
    for (const pipe of [stdout, stderr]) pipe?.on("error", () => undefined);
    child.on("error", (error) => {
      if (this.pid !== null) return;
      this.finish({ code: null, signal: null, cause: "missing", problem: error.message });
    });
    child.on("exit", (code, signal) => {
      this.afterExit(code, signal, [events, logs]);
    });
  }

  /**
   * The last lines may arrive after the exit. A child of the sidecar that holds the pipes would
   * keep them open for ever, so they are waited for only a moment.
   */
  private afterExit(
    code: number | null,
    signal: string | null,
    pipes: readonly LineSplitter[],
  ): void {
    const settle = (): void => {
      callOff();
      for (const pipe of pipes) pipe.end();
      this.finish({ code, signal, ...this.why });
    };
    const callOff = this.world.clock.after(LAST_WORDS_MS, settle);
    this.child.once("close", settle);
  }

  private read(line: string): void {
    if (this.over) return;
    const told = readLine(line, this.start.greeting);
    if (told === null) return;
    if (told.event === "broken") this.kill("not-ours", told.problem);
    else this.listener.said(told);
  }

  private finish(end: End): void {
    if (this.over) return;
    this.over = true;
    this.listener.ended(end);
  }

  private write(line: string): void {
    const { stdin } = this.child;
    if (stdin?.writable === true) stdin.write(line);
  }
}

const LAST_WORDS_MS = 500;
