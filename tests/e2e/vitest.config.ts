import { fileURLToPath, URL } from "node:url";

import { defineConfig } from "vitest/config";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/**
 * The end-to-end tests: a real sidecar, a real engine, a real Chromium, found through
 * LLAMA_RUNNER_PRO_CHROMIUM. One file after another, for they share this computer's two cores.
 */
export default defineConfig({
  root: ROOT,
  cacheDir: `${ROOT}.build/vitest-e2e`,
  test: {
    include: ["tests/e2e/**/*.e2e.ts"],
    environment: "node",
    fileParallelism: false,
    allowOnly: false,
    retry: 0,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
