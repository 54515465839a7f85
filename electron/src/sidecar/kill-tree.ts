import { spawn } from "node:child_process";

type Signal = (pid: number, signal: "SIGKILL") => unknown;

/** Ends the sidecar and what runs in its group, at once; gone already is fine as well. */
export function killTree(
  pid: number,
  platform: NodeJS.Platform = process.platform,
  signal: Signal = (target, name) => process.kill(target, name),
): void {
  if (platform === "win32") {
    const ending = spawn("taskkill", ["/PID", String(pid), "/T", "/F"], {
      stdio: "ignore",
      windowsHide: true,
    });
    ending.on("error", () => undefined);
    return;
  }
  try {
    signal(-pid, "SIGKILL");
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

/** macOS refuses a group of nothing but ended processes instead of saying that it has gone. */
function isGone(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : null;
  return code === "ESRCH" || code === "EPERM";
}
