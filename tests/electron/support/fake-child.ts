import type { ChildProcess, SpawnOptions } from "node:child_process";
import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";

import { MARK, proofOf } from "../../../electron/src/sidecar/handshake";

type Exit = readonly [code: number | null, signal: string | null];

/** A sidecar that does what the test says, behind the same pipes as a real one. */
export class FakeChild extends EventEmitter {
  readonly stdin = new PassThrough();
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  private written = "";

  constructor(
    readonly pid: number | undefined,
    readonly program: string,
    readonly argv: readonly string[],
    readonly options: SpawnOptions,
  ) {
    super();
    this.stdin.on("data", (chunk: Buffer) => {
      this.written += chunk.toString();
    });
  }

  /** What was written to it so far, line by line, as JSON. */
  get heard(): Record<string, unknown>[] {
    const lines = this.written.split("\n").filter((line) => line !== "");
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  /** Says an event as the real one does. */
  say(event: Record<string, unknown>): void {
    this.stdout.write(`${MARK}${JSON.stringify(event)}\n`);
  }

  /** Says that it listens, with the proof that it knows the token. */
  listen(port = 8585, more: Record<string, unknown> = {}): void {
    const { token, nonce } = this.heard[0] ?? {};
    const proof = proofOf(String(token), String(nonce));
    const facts = { protocol: 1, port, pid: this.pid, version: "1.2.3", instance: "abc", proof };
    this.say({ event: "listening", ...facts, ...more });
  }

  /** Ends, its pipes with it. */
  exit(...end: Exit): void {
    this.stdout.end();
    this.stderr.end();
    this.emit("exit", ...end);
    this.emit("close", ...end);
  }

  /** As the type that the life expects. */
  asProcess(): ChildProcess {
    return this as unknown as ChildProcess;
  }
}
