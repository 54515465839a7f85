/** The sources as a whole: who knows Electron, what the bundle holds, what SECURITY.md promises. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { builtinModules } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");
const SOURCES = join(ROOT, "electron", "src");

function sources(): string[] {
  const all = readdirSync(SOURCES, { recursive: true, encoding: "utf8" });
  return all.map((name) => name.replaceAll("\\", "/")).filter((name) => name.endsWith(".ts"));
}

test("only main, preload and the adapters know Electron", () => {
  const knowing = sources().filter((name) =>
    /from "electron(-updater)?"|import\("electron/.test(readFileSync(join(SOURCES, name), "utf8")),
  );
  expect(knowing).not.toHaveLength(0);
  const elsewhere = knowing.filter(
    (name) => !["main.ts", "preload.ts"].includes(name) && !name.startsWith("adapters/"),
  );
  expect(elsewhere).toEqual([]);
});

describe("the table of Electron's security checklist", () => {
  const rows = readFileSync(join(ROOT, "SECURITY.md"), "utf8")
    .split("\n")
    .map((line) => /^\| (\d+) \| (.+) \| (.+) \| (.+) \|$/.exec(line))
    .filter((match) => match !== null);

  test("answers all 20 points in order", () => {
    const points = rows.map((row) => Number(row[1]));
    expect(points).toEqual(Array.from({ length: 20 }, (_none, nth) => nth + 1));
  });

  test.each(rows.map((row) => [row[1], row[4] ?? ""]))(
    "point %s names places that are there",
    (_point, places) => {
      const named = [...places.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? "");
      expect(named).not.toHaveLength(0);
      expect(named.filter((name) => !existsSync(join(ROOT, name)))).toEqual([]);
    },
  );
});

describe("the bundle", () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "llama-runner-pro-bundle-"));
    const built = spawnSync(process.execPath, [join(ROOT, "electron", "build.mjs"), folder], {
      encoding: "utf8",
    });
    expect(built.stderr).toBe("");
    expect(built.status).toBe(0);
  }, 60_000);

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function text(name: string): string {
    return readFileSync(join(folder, name), "utf8");
  }

  test.each(["main.cjs", "preload.cjs"])("%s needs nothing but Electron and Node", (name) => {
    const needed = [...text(name).matchAll(/\brequire\("([^"]+)"\)/g)].map((match) => match[1]);
    expect(needed).toContain("electron");
    const known = new Set(["electron", ...builtinModules.map((one) => one.replace("node:", ""))]);
    const foreign = needed.filter((one) => !known.has((one ?? "").replace("node:", "")));
    expect(foreign).toEqual([]);
  });

  test("the preload script needs Electron alone, as the sandbox demands", () => {
    const needed = [...text("preload.cjs").matchAll(/\brequire\("([^"]+)"\)/g)];
    expect(needed.map((match) => match[1])).toEqual(["electron"]);
  });

  test("the updater is in the bundle and is not loaded at start", () => {
    expect(text("main.cjs")).toContain("quitAndInstall");
    expect(text("main.cjs")).not.toContain('require("electron-updater")');
    expect(text("main.cjs").split("\n")[0]).not.toContain("updater");
  });

  test("the shell's own page allows its own script and style and nothing else", () => {
    const page = text("pages/local.html");
    const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(page)?.[1] ?? "";
    const digest = (part: string) =>
      `'sha256-${createHash("sha256").update(part).digest("base64")}'`;
    const script = /<script>([\s\S]*)<\/script>/.exec(page)?.[1] ?? "";
    const style = /<style>([\s\S]*)<\/style>/.exec(page)?.[1] ?? "";
    expect(policy.split("; ")).toEqual([
      "default-src 'none'",
      `script-src ${digest(script)}`,
      `style-src ${digest(style)}`,
      "base-uri 'none'",
      "form-action 'none'",
      "require-trusted-types-for 'script'",
    ]);
    expect(page).not.toMatch(/https?:\/\/(?!www\.w3\.org)/);
    expect(page).not.toContain("<!-- ");
  });
});
