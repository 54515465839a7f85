import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, expect, test } from "vitest";

import { command } from "./support/cli";
import { isRunning } from "./support/processes";
import { Sidecar } from "./support/sidecar";

const TEN_SECONDS_MS = 10_000;
const sidecar = new Sidecar({ demo: "option" });
const elsewhere = mkdtempSync(join(tmpdir(), "llama-runner-pro-e2e-"));

beforeAll(async () => {
  await sidecar.start();
  await sidecar.untilState("demo", "online");
});

afterEach(({ task }) => {
  if (task.result?.state === "fail") process.stderr.write(`\n${sidecar.lastWords()}\n`);
});

afterAll(async () => {
  const strays = await sidecar.dispose();
  rmSync(elsewhere, { recursive: true, force: true });
  expect(strays, "engines that outlived their sidecar").toEqual([]);
});

function here(): string[] {
  return ["--data-dir", sidecar.dataDir];
}

test("status --json prints how everything is", async () => {
  const { code, stdout } = await command("status", "--json", ...here());
  expect(code).toBe(0);
  const { pid } = await sidecar.endpoint("demo");
  expect(JSON.parse(stdout)).toMatchObject({
    overall_status: "healthy",
    online_models: 1,
    models: { demo: { status: "online", process_id: pid } },
  });
});

test("heal --now has nothing to do when everything is healthy, and says so", async () => {
  const { code, stdout } = await command("heal", "--now", ...here());
  expect(code).toBe(0);
  expect(stdout).toMatch(/nothing to heal/);
});

test("logs prints the end of the log", async () => {
  const { code, stdout } = await command("logs", "--lines", "50", ...here());
  expect(code).toBe(0);
  expect(stdout).toContain("demo: loading → online");
});

test("a second serve on the same port is refused with the name and pid of the holder", async () => {
  const port = String(sidecar.port);
  const { code, stderr } = await command("serve", "--port", port, "--data-dir", elsewhere);
  expect(code, stderr).toBe(69);
  expect(stderr).toContain(`port ${port}`);
  expect(stderr).toContain(`(pid ${String(sidecar.pid)})`);
  expect(stderr).toContain("serve --port");
});

test("a second serve on the same data folder is refused with where the first one is", async () => {
  const { code, stderr } = await command("serve", "--port", "0", ...here());
  expect(code, stderr).toBe(69);
  expect(stderr).toContain(`pid ${String(sidecar.pid)}`);
  expect(stderr).toContain(sidecar.url);
});

test("status without a sidecar says how to start one", async () => {
  const { code, stderr } = await command("status", "--url", "http://127.0.0.1:9");
  expect(code).toBe(69);
  expect(stderr).toContain("llama-runner-pro serve");
});

test("Ctrl-C ends the sidecar and its engine within 10 s and with exit code 0", async () => {
  const pid = await sidecar.pidOf("demo");
  const ended = await sidecar.stop("SIGINT");
  expect(ended).toMatchObject({ code: 0, signal: null });
  expect(ended.tookMs).toBeLessThan(TEN_SECONDS_MS);
  expect(isRunning(pid)).toBe(false);
});
