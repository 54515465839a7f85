/** A real child process with real pipes: a small program that plays the sidecar. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

import { afterAll, expect, test } from "vitest";

import { systemClock } from "../../../electron/src/clock";
import type { SidecarEvent } from "../../../electron/src/sidecar/handshake";
import { killTree } from "../../../electron/src/sidecar/kill-tree";
import { type End, Life } from "../../../electron/src/sidecar/life";

const folder = mkdtempSync(join(tmpdir(), "llama-runner-pro Jörg Ł (x86) "));
const program = join(folder, "sidecar.mjs");
writeFileSync(
  program,
  `#!${process.execPath}
import { createHmac } from "node:crypto";
import { createInterface } from "node:readline";
import { spawn } from "node:child_process";
const say = (event) => process.stdout.write("@llama-runner-pro " + JSON.stringify(event) + "\\n");
for await (const line of createInterface({ input: process.stdin })) {
  const told = JSON.parse(line);
  if (told.command === "shutdown") {
    if (process.env.HANGS) continue;
    say({ event: "stopped" });
    process.exit(0);
  }
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  process.stderr.write(JSON.stringify({ level: "INFO", text: "child " + child.pid }) + "\\n");
  process.stdout.write("noise of a library\\n");
  const proof = createHmac("sha256", told.token).update(told.nonce).digest("hex");
  say({ event: "listening", protocol: 1, port: 8585, pid: process.pid, version: "1", instance: "i", proof });
  if (!process.env.HANGS) child.kill("SIGKILL");
}
process.exit(3);
`,
  { mode: 0o755 },
);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const greeting = {
  ...{ token: "a".repeat(64), nonce: "b".repeat(64), dataDir: null },
  ...{ port: 8585, isPortFixed: false, parentPid: process.pid, keepModels: false },
};

function begin(path: string, env: Record<string, string> = {}) {
  const said: SidecarEvent[] = [];
  const logged: string[] = [];
  let heard: () => void = () => undefined;
  const listening = new Promise<void>((resolve) => (heard = resolve));
  let tell: (end: End) => void = () => undefined;
  const ended = new Promise<End>((resolve) => (tell = resolve));
  const life = new Life(
    {
      spawn: (name, argv, options) => spawn(name, argv, options),
      killTree: (pid) => {
        killTree(pid);
      },
      clock: systemClock,
      platform: process.platform,
    },
    { program: path, cwd: folder, env, greeting },
    {
      said: (event) => {
        said.push(event);
        heard();
      },
      logged: (line) => logged.push(line),
      ended: (end) => {
        tell(end);
      },
    },
  );
  return { life, said, logged, listening, ended };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test("a real child proves itself through real pipes and stops when it is asked", async () => {
  const { life, said, listening, ended } = begin(program);
  await listening;
  life.askToStop(false, 8000);
  expect(await ended).toEqual({ code: 0, signal: null, cause: "exit", problem: "" });
  expect(said.map((event) => event.event)).toEqual(["listening", "stopped"]);
});

test("one that does not stop is ended by force, with everything in its group", async () => {
  const { life, logged, listening, ended } = begin(program, { HANGS: "1" });
  await listening;
  life.askToStop(false, 8000);
  life.kill("exit", "");
  expect(await ended).toMatchObject({ code: null, signal: "SIGKILL", cause: "exit" });
  const child = Number(/child (\d+)/.exec(logged.join())?.[1]);
  expect(child).toBeGreaterThan(0);
  const deadline = Date.now() + 30_000;
  while (isAlive(child) && Date.now() < deadline) await setTimeout(20);
  expect(isAlive(child)).toBe(false);
});

test("one that a signal ends is told with the signal", async () => {
  const other = begin(program);
  await other.listening;
  const pid = other.life.pid ?? 0;
  process.kill(pid, "SIGTERM");
  expect(await other.ended).toMatchObject({ signal: "SIGTERM", cause: "exit" });
});

test("a program that is not there is told as missing", async () => {
  const { life, ended } = begin(join(folder, "nothing-here"));
  expect(await ended).toMatchObject({ code: null, cause: "missing" });
  expect(life.pid).toBeNull();
});

test("ending what is gone already does no harm", async () => {
  const { life, ended } = begin(join(folder, "nothing-here"));
  await ended;
  life.askToStop(false, 1);
  life.kill("exit", "");
  expect(() => {
    killTree(2 ** 30);
  }).not.toThrow();
});

test.each(["ESRCH", "EPERM"])("a group that answers %s has ended", (code) => {
  const signal = (): never => {
    throw Object.assign(new Error(code), { code });
  };
  expect(() => {
    killTree(77, "darwin", signal);
  }).not.toThrow();
});
