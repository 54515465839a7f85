import { fileURLToPath, URL } from "node:url";

import { defineConfig } from "vitest/config";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

/**
 * The official JavaScript packages at the gateway. `test_node_clients.py` starts this: it has the
 * sidecar, and tells its doors as LLAMA_RUNNER_PRO_OPENAI_DOOR and LLAMA_RUNNER_PRO_OLLAMA_DOOR.
 */
export default defineConfig({
  root: ROOT,
  cacheDir: `${ROOT}.build/vitest-conformance`,
  test: {
    include: ["tests/conformance/node/*.client.ts"],
    environment: "node",
    fileParallelism: false,
    allowOnly: false,
    retry: 0,
    testTimeout: 60_000,
  },
});
