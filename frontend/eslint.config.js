import js from "@eslint/js";
import prettier from "eslint-config-prettier";
import vue from "eslint-plugin-vue";
import tseslint from "typescript-eslint";

/** From the leaf upwards: a layer imports those named before it, never one after it. */
const LAYERS = [
  ["wire"],
  ["stores"],
  ["format"],
  ["charts"],
  ["components"],
  ["panels"],
  ["views"],
];

/** An import path, relative or from "@/", that ends in one of these folders of src. */
function towards(folders) {
  return `^(@/|(\\.{1,2}/)+)(${folders.join("|")})(/|$)`;
}

/** Rules for one folder of frontend/src: which other folders it must not know. */
function layer(name, { extra = [], globals = [] } = {}) {
  const rank = LAYERS.findIndex((names) => names.includes(name));
  const above = LAYERS.slice(rank + 1).flat();
  const patterns = [...extra];
  if (above.length > 0) {
    patterns.push({
      regex: towards(above),
      message: `${name} must not import from ${above.join(", ")}: layers point to wire only.`,
    });
  }
  return {
    files: [`frontend/src/${name}/**/*.{ts,vue}`],
    rules: {
      "no-restricted-imports": ["error", { patterns }],
      "no-restricted-globals": ["error", ...globals],
    },
  };
}

const NO_COMPONENTS = { regex: "\\.vue$", message: "This layer knows no Vue components." };
const WIRE_ONLY = ["WebSocket", "EventSource", "XMLHttpRequest", "fetch"].map((name) => ({
  name,
  message: "Only frontend/src/wire talks to the sidecar.",
}));
const NODE_GLOBALS = ["process", "URL", "setInterval", "clearInterval"];
const ELSEWHERE = { globals: WIRE_ONLY };

const STRICT = {
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
};

export default tseslint.config(
  {
    ignores: ["**/node_modules/", "**/dist/", ".venv/", ".build/", "frontend/src/wire/types.ts"],
  },
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  {
    files: ["frontend/**/*.{ts,vue}", "tests/**/*.ts"],
    extends: [
      js.configs.recommended,
      tseslint.configs.strictTypeChecked,
      tseslint.configs.stylisticTypeChecked,
      vue.configs["flat/recommended"],
      prettier,
    ],
    languageOptions: {
      parserOptions: {
        parser: tseslint.parser,
        projectService: true,
        extraFileExtensions: [".vue"],
      },
    },
    rules: {
      ...STRICT,
      // TypeScript knows the globals of each place (tsconfig "lib" and "types") and the rest.
      "no-undef": "off",
      "vue/block-lang": ["error", { script: { lang: "ts" } }],
      "vue/component-api-style": ["error", ["script-setup"]],
      "vue/no-v-html": "error",
    },
  },
  {
    files: ["**/*.vue"],
    // Vue calls a boolean prop required once it is declared, but its default still counts.
    rules: { "@typescript-eslint/no-useless-default-assignment": "off" },
  },
  {
    files: ["frontend/src/{views,panels}/**/*.vue", "frontend/src/App.vue"],
    rules: { "vue/multi-word-component-names": "off" },
  },
  {
    files: ["frontend/src/*.{ts,vue}", "frontend/src/i18n/**/*.ts"],
    rules: { "no-restricted-globals": ["error", ...WIRE_ONLY] },
  },
  layer("wire", { extra: [NO_COMPONENTS] }),
  layer("stores", { extra: [NO_COMPONENTS], ...ELSEWHERE }),
  layer("format", { extra: [NO_COMPONENTS], ...ELSEWHERE }),
  layer("charts", { extra: [NO_COMPONENTS], ...ELSEWHERE }),
  layer("components", ELSEWHERE),
  layer("panels", ELSEWHERE),
  layer("views", ELSEWHERE),
  {
    files: ["**/*.{js,mjs}"],
    extends: [js.configs.recommended, prettier],
    languageOptions: {
      globals: Object.fromEntries(NODE_GLOBALS.map((name) => [name, "readonly"])),
    },
  },
);
