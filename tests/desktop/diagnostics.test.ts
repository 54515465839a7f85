/** What "Copy Diagnostics" leaves on the clipboard: enough for a report, and no secret. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { until } from "../e2e/support/until";

import { DesktopApp } from "./support/app";
import { World } from "./support/world";

const SECRET = "hf_thisIsNobodysBusiness0123456789";
let world: World;
let app: DesktopApp | null = null;

beforeEach(async () => {
  world = await World.make();
});

afterEach(async () => {
  await app?.closeWindow();
  await app?.ended();
  app = null;
  try {
    await world.untilNothingIsLeft();
  } finally {
    world.dispose();
  }
});

/** What is on the clipboard once it has these words in it. */
async function copied(one: DesktopApp, words: string): Promise<string> {
  return until(`"${words}" is on the clipboard`, async () => {
    const text = await one.electron.evaluate(({ clipboard }) => clipboard.readText());
    return text.includes(words) ? text : null;
  });
}

/** Dialogs are written down instead of waiting for somebody. */
async function readDialogs(one: DesktopApp): Promise<() => Promise<string>> {
  await one.electron.evaluate(({ dialog }) => {
    const told: string[] = [];
    Object.assign(globalThis, { told });
    Object.assign(dialog, {
      showMessageBox: (question: { message: string }) => {
        told.push(question.message);
        return Promise.resolve({ response: 0 });
      },
    });
  });
  return () => one.electron.evaluate(() => (globalThis as { told?: string[] }).told?.join() ?? "");
}

test("from the menu: versions, how the sidecar is, the last lines of the log, and no secret", async () => {
  const config = JSON.parse(readFileSync(world.configFile, "utf8")) as {
    endpoints: object[];
  };
  // Its program says its own environment aloud, as some do when they fail.
  const talker = { start_command: ["/bin/sh", "-c", "env; exit 7"], env: { HF_TOKEN: SECRET } };
  const restart = { budget: 1 };
  config.endpoints.push({ name: "talker", url: "http://127.0.0.1:9", ...talker, restart });
  world.configure(config);
  app = await DesktopApp.ready(world);
  const one = app;
  const told = await readDialogs(one);
  await one.chooseFromMenu("diagnostics");
  const text = await copied(one, "Last ");

  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
  const electron = await one.electron.evaluate(() => process.versions.electron);
  expect(text).toContain(`LlamaRunner Pro ${version} (window)`);
  expect(text).toContain(`Electron ${electron}, linux x64`);
  expect(text).toContain(`Sidecar: running, version ${version}`);
  expect(text).toMatch(/^Program: .*llama-runner-pro-backend$/m);
  const [, count = "0", log = ""] = /^Last (\d+) lines of the log:\n([^]*)$/m.exec(text) ?? [];
  expect(Number(count)).toBeGreaterThan(0);
  expect(log.trimEnd().split("\n")).toHaveLength(Number(count));
  expect(log).toContain("demo");
  const token = readFileSync(join(world.dataDir, "run", "token"), "utf8").trim();
  expect(token.length).toBeGreaterThan(20);
  expect(text).not.toContain(token);
  expect(text).not.toContain(SECRET);
  expect(text).not.toMatch(/[0-9a-f]{64}/);
  expect(await told()).toBe("The diagnostics are in the clipboard.");
});

test("from the page about what went wrong: what is shown there", async () => {
  writeFileSync(world.configFile, '{ "endpoints": [');
  app = await DesktopApp.launch(world);
  await app.untilFailure();
  await app.page.getByRole("button", { name: "Copy Diagnostics" }).click();
  const text = await copied(app, "Shown: ");
  expect(text).toContain("Shown: The configuration is wrong");
  expect(text).toContain("config.json");
  expect(text).toContain("exit code 78");
});
