// Bundles the desktop shell: `node electron/build.mjs [FOLDER]`, FOLDER being dist/electron if not
// given. One CommonJS file each for main and preload, and the shell's own page as one file.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { rolldown } from "rolldown";

const HERE = import.meta.dirname;
const ROOT = resolve(HERE, "..");
// The oldest Electron that it must run on is 22: Node 16 and Chromium 108.
const TARGET = ["node16.17", "chrome108"];

async function bundle(entry, { format, platform, define = {} }) {
  const build = await rolldown({
    input: join(HERE, entry),
    platform,
    external: ["electron"],
    transform: { target: TARGET, define },
    onwarn(warning) {
      throw new Error(warning.message);
    },
  });
  const { output } = await build.generate({ format, codeSplitting: false, comments: false });
  await build.close();
  if (output.length !== 1) throw new Error(`${entry} became ${output.length} files`);
  return output[0].code;
}

function digest(text) {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

/** Nothing is fetched, and only this very script and style are run. */
function policy(script, style) {
  const rules = [
    "default-src 'none'",
    `script-src ${digest(script)}`,
    `style-src ${digest(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
  ];
  return `<meta http-equiv="Content-Security-Policy" content="${rules.join("; ")}" />`;
}

async function localPage() {
  const script = await bundle("pages/local.ts", { format: "iife", platform: "browser" });
  if (script.includes("</")) throw new Error("the page's script would end too early");
  const style = readFileSync(join(HERE, "pages", "local.css"), "utf8");
  return readFileSync(join(HERE, "pages", "local.html"), "utf8")
    .replace("<!-- POLICY -->", () => policy(script, style))
    .replace("<!-- STYLE -->", () => `<style>${style}</style>`)
    .replace("<!-- SCRIPT -->", () => `<script>${script}</script>`);
}

const out = resolve(process.argv[2] ?? join(ROOT, "dist", "electron"));
const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
const define = { LLAMA_RUNNER_PRO_VERSION: JSON.stringify(version) };
for (const gone of ["main.cjs", "preload.cjs", "pages"]) {
  rmSync(join(out, gone), { recursive: true, force: true });
}
mkdirSync(join(out, "pages"), { recursive: true });
const node = { format: "cjs", platform: "node" };
writeFileSync(join(out, "main.cjs"), await bundle("src/main.ts", { ...node, define }));
writeFileSync(join(out, "preload.cjs"), await bundle("src/preload.ts", node));
writeFileSync(join(out, "pages", "local.html"), await localPage());
