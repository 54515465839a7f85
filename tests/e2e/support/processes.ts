/** Processes of this computer: Linux is read directly, other systems are asked with `ps`. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

export interface RunningProcess {
  readonly pid: number;
  readonly command: string;
}

const IS_LINUX = process.platform === "linux";

/** All processes with their command lines; one that has ended and waits to be collected is none. */
export function runningProcesses(): RunningProcess[] {
  if (!IS_LINUX) return askedWithPs();
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => {
      const command = read(`/proc/${entry}/cmdline`)?.replaceAll("\0", " ").trim();
      return command ? [{ pid: Number(entry), command }] : [];
    });
}

function askedWithPs(): RunningProcess[] {
  const lines = execFileSync("ps", ["-axww", "-o", "pid=,command="], { encoding: "utf8" });
  return lines.split("\n").flatMap((line) => {
    const [, pid, command] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
    return pid && command && !command.includes("<defunct>") ? [{ pid: Number(pid), command }] : [];
  });
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

export function isRunning(pid: number): boolean {
  return runningProcesses().some((one) => one.pid === pid);
}

/** The engine processes that serve on a port; more than one would be a second copy of a model. */
export function enginesOn(port: number): number[] {
  return runningProcesses()
    .filter(
      ({ command }) => isEngine(command) && `${command} `.includes(` --port ${String(port)} `),
    )
    .map((one) => one.pid);
}

/** End a process that a sidecar left behind, and only if it really is an engine. */
export function endStrayEngine(pid: number): boolean {
  const found = runningProcesses().find((one) => one.pid === pid);
  if (found === undefined || !isEngine(found.command)) return false;
  process.kill(pid, "SIGKILL");
  return true;
}

function isEngine(command: string): boolean {
  return command.includes("-m llama_runner_pro.engine");
}
