import { fileURLToPath, URL } from "node:url";

import { mergeConfig } from "vite";
import { defineConfig } from "vitest/config";

import page from "../../frontend/vite.config.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export default mergeConfig(
  page,
  defineConfig({
    root: ROOT,
    cacheDir: `${ROOT}.build/vitest`,
    test: {
      include: ["tests/frontend/**/*.spec.ts"],
      environment: "jsdom",
      setupFiles: ["tests/frontend/support/dom.ts"],
      // Element Plus ships styles beside its components: only Vite can take those in.
      server: { deps: { inline: ["element-plus"] } },
      css: false,
      // Element Plus is loaded once a worker, not once a file, which was most of the time. What
      // makes that safe is in dom.ts, and it holds in any order: --sequence.shuffle.
      isolate: false,
      restoreMocks: true,
      unstubGlobals: true,
      dangerouslyIgnoreUnhandledErrors: false,
      allowOnly: false,
      // A hang is what this finds; how long a test takes depends on what else the computer does.
      testTimeout: 60_000,
    },
  }),
);
