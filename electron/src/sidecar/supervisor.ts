/** Keeps one sidecar alive: starts it, starts it again, and ends it. */
import { randomBytes } from "node:crypto";

import { EXIT } from "./exit-codes";
import type { Listening, SidecarEvent } from "./handshake";
import { type End, Life, type Start, type World } from "./life";
import { afterDeath, type Failures } from "./restart-policy";
import type { Access, Failure, SidecarState } from "./state";

/** The limits of patience, in milliseconds. */
export const READY_LIMIT_MS = 120_000;
export const STOP_ASKED_MS = 8000;
/** When the system itself ends everything: Windows waits for five seconds. */
export const URGENT_STOP_MS = 4000;
const STOP_GRACE_MS = 2000;
export const STOP_LIMIT_MS = STOP_ASKED_MS + STOP_GRACE_MS;

/** What differs from start to start. */
export type Plan = Omit<Start, "greeting"> & {
  readonly dataDir: string | null;
  readonly keepModels: boolean;
};

/** What the supervisor needs beside the world. */
export interface Parts {
  readonly world: World;
  readonly plan: () => Plan;
  /** Whether this is a program that can be started. */
  readonly isProgram: (path: string) => boolean;
  /** Whether the sidecar at this address is the one that `instance` names. */
  readonly isInstance: (access: Access, instance: string) => Promise<boolean>;
  readonly random: () => number;
  readonly parentPid: number;
  readonly firstPort: number;
  readonly isPortFixed: boolean;
  readonly changed: (state: SidecarState) => void;
  readonly logged: (line: string) => void;
}

/** States are told through `changed`; every method returns at once but `stop`. */
export class Supervisor {
  private life: Life | null = null;
  private current: SidecarState = { kind: "stopped", byUs: true };
  private token = "";
  private port: number;
  private heard: Listening | null = null;
  private degraded: readonly string[] = [];
  private isReady = false;
  private isProven = false;
  private isReplacing = false;
  private fatal = "";
  private readyMs: number | null = null;
  private failures: Failures = [];
  private callOff: () => void = () => undefined;
  private whenStopped: (() => void)[] = [];

  constructor(private readonly parts: Parts) {
    this.port = parts.firstPort;
  }

  get state(): SidecarState {
    return this.current;
  }

  /** Null while no proven sidecar runs. */
  get access(): Access | null {
    if (this.heard === null || !this.isProven) return null;
    return { origin: `http://127.0.0.1:${this.heard.port}`, token: this.token };
  }

  /** The running sidecar's process; null when there is none. */
  get pid(): number | null {
    return this.life?.pid ?? null;
  }

  /** Starts it for the first time, or anew after a person asked: what failed before is forgotten. */
  start(): void {
    if (this.current.kind === "stopping" || this.isReplacing) return;
    this.failures = [];
    if (this.life === null) this.begin(false);
    else this.replace(this.life);
  }

  /** Ends it and stays down. Resolves when it is gone, by force 2 s after what it was given. */
  stop(keepModels: boolean, withinMs = STOP_ASKED_MS): Promise<void> {
    this.isReplacing = false;
    const { life } = this;
    if (life === null) {
      this.callOff();
      this.set({ kind: "stopped", byUs: true });
      return Promise.resolve();
    }
    const gone = new Promise<void>((resolve) => this.whenStopped.push(resolve));
    if (this.current.kind !== "stopping") {
      this.callOff();
      this.set({ kind: "stopping" });
      life.askToStop(keepModels, withinMs);
      this.killLater(life, withinMs);
    }
    return gone;
  }

  private begin(again: boolean): void {
    const { world } = this.parts;
    const plan = this.parts.plan();
    this.forget();
    this.isReplacing = false;
    this.set({ kind: "starting", sinceMs: world.clock.nowMs(), again });
    if (!this.parts.isProgram(plan.program)) {
      const end = { code: null, signal: null, cause: "missing", problem: plan.program } as const;
      this.set({ kind: "failed", failure: this.failure(end, false) });
      return;
    }
    this.token = randomBytes(32).toString("hex");
    const greeting = {
      token: this.token,
      nonce: randomBytes(32).toString("hex"),
      dataDir: plan.dataDir,
      port: this.port,
      isPortFixed: this.parts.isPortFixed,
      parentPid: this.parts.parentPid,
      keepModels: plan.keepModels,
    };
    const life = this.born({ ...plan, greeting });
    if (life === null) return;
    this.life = life;
    this.callOff = world.clock.after(READY_LIMIT_MS, () => {
      life.kill("silent", "");
    });
  }

  /** Null when the system refuses at once, as it does a file that is no program. */
  private born(start: Start): Life | null {
    try {
      const life: Life = new Life(this.parts.world, start, {
        said: (event) => {
          if (this.life === life) this.hear(event);
        },
        logged: this.parts.logged,
        ended: (end) => {
          if (this.life === life) this.ended(end);
        },
      });
      return life;
    } catch (error) {
      if (!(error instanceof Error && "code" in error)) throw error;
      const problem = `${start.program}: ${error.message}`;
      const end = { code: null, signal: null, cause: "missing", problem } as const;
      this.set({ kind: "failed", failure: this.failure(end, false) });
      return null;
    }
  }

  private forget(): void {
    this.callOff();
    [this.heard, this.degraded, this.fatal] = [null, [], ""];
    [this.isReady, this.isProven, this.readyMs] = [false, false, null];
  }

  private hear(event: SidecarEvent): void {
    switch (event.event) {
      case "listening":
        // It says so once; another address would not be proven.
        if (this.heard !== null) break;
        this.heard = event;
        this.port = event.port;
        this.prove(event);
        break;
      case "ready":
        this.isReady = true;
        break;
      case "degraded":
        this.degraded = event.reasons;
        break;
      case "fatal":
        this.fatal = event.text;
        break;
      case "stopped":
        break;
    }
    this.showRunning();
  }

  /** The port could have changed hands since the line was written: ask who is there. */
  private prove(event: Listening): void {
    const { life } = this;
    const access = { origin: `http://127.0.0.1:${event.port}`, token: this.token };
    void this.parts.isInstance(access, event.instance).then((right) => {
      if (this.life !== life || life === null) return;
      this.isProven = right;
      if (right) this.showRunning();
      else life.kill("not-ours", "another program answers at the address of the sidecar");
    });
  }

  private showRunning(): void {
    const { access, heard } = this;
    if (access === null || heard === null || !this.isReady) return;
    if (this.current.kind === "stopping") return;
    if (this.readyMs === null) {
      this.readyMs = this.parts.world.clock.nowMs();
      this.callOff();
    }
    const { version } = heard;
    this.set({ kind: "running", origin: access.origin, version, degraded: this.degraded });
  }

  private ended(end: End): void {
    this.callOff();
    this.life = null;
    this.isProven = false;
    if (this.isReplacing) {
      this.begin(false);
    } else if (this.current.kind === "stopping" || end.code === EXIT.WANTED) {
      this.set({ kind: "stopped", byUs: this.current.kind === "stopping" });
      for (const resolve of this.whenStopped.splice(0)) resolve();
    } else {
      this.afterFailure(end);
    }
  }

  private afterFailure(end: End): void {
    const { clock } = this.parts.world;
    const atMs = clock.nowMs();
    const healthyMs = this.readyMs === null ? 0 : atMs - this.readyMs;
    const death = { code: end.code, atMs, healthyMs };
    const verdict = afterDeath(this.failures, death, this.parts.random());
    const isInVain = end.cause === "silent" || end.cause === "missing";
    if (verdict.next === "give-up" || isInVain) {
      const gaveUp = verdict.next === "give-up" && verdict.why === "budget";
      this.set({ kind: "failed", failure: this.failure(end, gaveUp) });
      return;
    }
    this.failures = verdict.failures;
    const failure = this.failure(end, false);
    this.set({ kind: "waiting", failure, retryAtMs: atMs + verdict.delayMs });
    this.callOff = clock.after(verdict.delayMs, () => {
      this.begin(true);
    });
  }

  /** A person asked for another one: the models stay, and the next sidecar adopts them. */
  private replace(life: Life): void {
    this.isReplacing = true;
    this.callOff();
    if (this.current.kind !== "running") {
      life.kill("exit", "");
      return;
    }
    life.askToStop(true, STOP_ASKED_MS);
    this.killLater(life, STOP_ASKED_MS);
  }

  private killLater(life: Life, withinMs: number): void {
    this.callOff = this.parts.world.clock.after(withinMs + STOP_GRACE_MS, () => {
      life.kill("exit", "");
    });
  }

  private failure(end: End, gaveUp: boolean): Failure {
    return { ...end, said: this.fatal, gaveUp };
  }

  private set(state: SidecarState): void {
    this.current = state;
    this.parts.changed(state);
  }
}
