import { fileURLToPath, URL } from "node:url";

import { defineConfig } from "vitest/config";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/**
 * The desktop app as people use it: a real Electron on a display of its own, the frozen sidecar,
 * the embedded engine. One file after another, for they share this computer's cores.
 */
export default defineConfig({
  root: ROOT,
  cacheDir: `${ROOT}.build/vitest-desktop`,
  resolve: { alias: { "@": `${ROOT}frontend/src` } },
  test: {
    include: ["tests/desktop/**/*.test.ts"],
    globalSetup: ["tests/desktop/support/surroundings.ts"],
    environment: "node",
    fileParallelism: false,
    allowOnly: false,
    retry: 0,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
