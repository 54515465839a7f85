import js from "@eslint/js";
import prettier from "eslint-config-prettier";
import tseslint from "typescript-eslint";

import checklist from "./eslint/checklist.js";

/** Electron only where it cannot be done without: everything else is tested without it. */
const NO_ELECTRON = {
  name: "electron",
  message: "Only main.ts, preload.ts and adapters/ know Electron.",
};
const NO_UPDATER = {
  name: "electron-updater",
  message: "Only adapters/updater.ts knows it, and loads it when it is needed.",
};
const NO_ADAPTERS = { regex: "/adapters/", message: "Adapters know us; we do not know them." };
const NO_DOM = { regex: "^node:", message: "Pages and the preload script have no Node." };

export default tseslint.config(
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  {
    files: ["electron/**/*.ts"],
    plugins: { checklist },
    extends: [
      js.configs.recommended,
      tseslint.configs.strictTypeChecked,
      tseslint.configs.stylisticTypeChecked,
      prettier,
    ],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      complexity: ["error", 10],
      "max-lines": ["error", 300],
      eqeqeq: "error",
      "no-console": "error",
      "no-eval": "error",
      "no-new-func": "error",
      "no-restricted-properties": [
        "error",
        ...["innerHTML", "outerHTML", "insertAdjacentHTML"].map((property) => ({
          property,
          message: "Text goes into a page as text.",
        })),
      ],
      "no-undef": "off",
      "checklist/rights": "error",
      "checklist/never": "error",
      "checklist/only-in": "error",
      "checklist/bridge": "error",
      "checklist/exits": "error",
      "checklist/no-shell": "error",
    },
  },
  {
    files: ["electron/src/**/*.ts", "electron/pages/**/*.ts"],
    ignores: ["electron/src/{main,preload}.ts", "electron/src/adapters/**"],
    rules: {
      "no-restricted-imports": [
        "error",
        { paths: [NO_ELECTRON, NO_UPDATER], patterns: [NO_ADAPTERS] },
      ],
    },
  },
  {
    files: ["electron/src/preload.ts", "electron/pages/**/*.ts"],
    rules: { "no-restricted-imports": ["error", { paths: [NO_UPDATER], patterns: [NO_DOM] }] },
  },
  {
    files: ["electron/**/*.{js,mjs,cjs}"],
    extends: [js.configs.recommended, prettier],
    languageOptions: {
      globals: Object.fromEntries(
        ["process", "console", "module", "require", "__dirname"].map((name) => [name, "readonly"]),
      ),
    },
  },
);
