/** Where the sidecar's program is. */
import { join } from "node:path";

export const SETTING = "LLAMA_RUNNER_PRO_BACKEND";
const NAME = "llama-runner-pro-backend";

/** What the answer depends on. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  /** Electron's folder of resources. */
  readonly resourcesPath: string;
  /** The folder of our own bundle. */
  readonly bundlePath: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Whether the shell runs from a package, not from a checkout. */
export function isPackaged({ bundlePath }: Pick<Surroundings, "bundlePath">): boolean {
  return bundlePath.split(/[\\/]/).some((part) => part === "app.asar");
}

/**
 * The program to start. A package knows only its own; in a checkout a setting may name another
 * one, and without it `npm run build:backend` has made one.
 */
export function sidecarProgram(around: Surroundings): string {
  const file = around.platform === "win32" ? `${NAME}.exe` : NAME;
  if (isPackaged(around)) return join(around.resourcesPath, "backend", file);
  const named = around.env[SETTING];
  return named === undefined || named === ""
    ? join(around.bundlePath, "..", "backend", file)
    : named;
}
