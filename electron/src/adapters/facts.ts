import { app } from "electron";
import { readFileSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";

import type { Facts } from "../shell/shell";
import { isPackaged, sidecarProgram } from "../sidecar/locate";

/** Written in by the build. */
declare const LLAMA_RUNNER_PRO_VERSION: string;

/** The bundle's folder: pages and icons lie beside it. */
export const BUNDLE = __dirname;

/** What never changes while the app runs; how it draws is not known yet. */
export function findFacts(): Omit<Facts, "isSoftware"> {
  const { platform, resourcesPath, env, arch, versions } = process;
  const around = { platform, resourcesPath, bundlePath: BUNDLE, env };
  return {
    platform,
    version: LLAMA_RUNNER_PRO_VERSION,
    electron: versions.electron,
    system: `${platform} ${arch} ${release()}`,
    program: sidecarProgram(around),
    isPackaged: isPackaged(around),
    logFolder: app.getPath("logs"),
  };
}

/** The shell's own page as an address of its own: no file and no server is behind it. */
export function localPageUrl(): string {
  const page = readFileSync(join(BUNDLE, "pages", "local.html"));
  return `data:text/html;charset=utf-8;base64,${page.toString("base64")}`;
}
