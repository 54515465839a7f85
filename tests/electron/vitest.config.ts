import { fileURLToPath, URL } from "node:url";

import { defineConfig } from "vitest/config";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The desktop shell without Electron: policies, the sidecar's lives, menus, settings. */
export default defineConfig({
  root: ROOT,
  cacheDir: `${ROOT}.build/vitest-electron`,
  test: {
    include: ["tests/electron/**/*.spec.ts"],
    environment: "node",
    allowOnly: false,
    retry: 0,
    testTimeout: 60_000,
  },
});
