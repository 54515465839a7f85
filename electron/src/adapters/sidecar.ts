/** The sidecar's supervisor, with this computer around it. */
import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { homedir } from "node:os";

import { isInstance } from "../api/client";
import { systemClock } from "../clock";
import type { Settings } from "../shell/settings";
import { sidecarEnvironment } from "../sidecar/environment";
import { killTree } from "../sidecar/kill-tree";
import type { SidecarState } from "../sidecar/state";
import { Supervisor } from "../sidecar/supervisor";

const DATA_DIR = "LLAMA_RUNNER_PRO_DATA_DIR";

/** What the app decides. */
export interface Wanted {
  readonly program: string;
  readonly settings: () => Settings;
  readonly changed: (state: SidecarState) => void;
  readonly logged: (line: string) => void;
}

/** A supervisor that has not started anything yet. */
export function newSupervisor({ program, settings, changed, logged }: Wanted): Supervisor {
  const { platform, env } = process;
  return new Supervisor({
    world: {
      spawn: (path, argv, options) => spawn(path, argv, options),
      killTree: (pid) => {
        killTree(pid);
      },
      clock: systemClock,
      platform,
    },
    plan: () => ({
      program,
      cwd: homedir(),
      env: sidecarEnvironment(env, platform),
      dataDir: env[DATA_DIR] ?? null,
      keepModels: settings().switches.keepModels,
    }),
    isProgram,
    isInstance,
    random: Math.random,
    parentPid: process.pid,
    firstPort: settings().port,
    isPortFixed: settings().portIsFixed,
    changed,
    logged,
  });
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, process.platform === "win32" ? constants.F_OK : constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
