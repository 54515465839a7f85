import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { until } from "../e2e/support/until";

import { DesktopApp } from "./support/app";
import { ROOT, World } from "./support/world";

let world: World;
let app: DesktopApp | null = null;

beforeEach(async () => {
  world = await World.make();
});

afterEach(async () => {
  await app?.closeWindow();
  await app?.ended();
  app = null;
  await world.untilNothingIsLeft();
  world.dispose();
});

async function restart(one: DesktopApp): Promise<void> {
  await one.page.getByRole("button", { name: "Restart" }).click();
  await one.untilDashboard();
}

test("a broken configuration is shown with its words, and Restart works once it is mended", async () => {
  const sound = { gateway: { enabled: false }, endpoints: [] };
  writeFileSync(world.configFile, '{ "endpoints": [');
  app = await DesktopApp.launch(world);
  const said = await app.untilFailure();
  await app.picture("broken-configuration");
  expect(said).toContain("The configuration is wrong");
  expect(said).toContain("config.json");
  expect(world.sidecars()).toEqual([]);
  world.configure(sound);
  await restart(app);
});

test("a missing sidecar is told, and Restart works once it is there", async () => {
  const folder = join(world.folder, "installed");
  const program = join(folder, "llama-runner-pro-backend");
  mkdirSync(folder);
  symlinkSync(join(ROOT, "dist", "backend", "llama-runner-pro-backend"), `${program}.away`);
  world.env["LLAMA_RUNNER_PRO_BACKEND"] = program;
  app = await DesktopApp.launch(world);
  const said = await app.untilFailure();
  await app.picture("missing-sidecar");
  expect(said).toContain("The sidecar's program cannot be started");
  expect(said).toContain(program);
  renameSync(`${program}.away`, program);
  await restart(app);
});

test("a data folder that another sidecar uses is told with its address", async () => {
  const first = await DesktopApp.launch(world);
  await first.untilDashboard();
  const second = await World.make();
  second.env["LLAMA_RUNNER_PRO_DATA_DIR"] = world.dataDir;
  const late = await DesktopApp.launch(second);
  const said = await late.untilFailure();
  await late.picture("folder-in-use");
  expect(said).toContain("Something else is in the way");
  expect(said).toContain(first.url);

  await first.closeWindow();
  await first.ended();
  await world.untilNothingIsLeft().catch(() => undefined);
  await restart(late);
  await late.closeWindow();
  await late.ended();
  await second.untilNothingIsLeft();
  second.dispose();
});

test("when the port of the time before is taken, the window gets another one", async () => {
  const stranger = createServer();
  await new Promise<void>((listening) => stranger.listen(world.port, "127.0.0.1", listening));
  try {
    app = await DesktopApp.launch(world);
    await app.untilDashboard();
    expect(app.url).not.toBe(`http://127.0.0.1:${String(world.port)}`);
  } finally {
    await new Promise((closed) => stranger.close(closed));
  }
});

test("a fixed port that is taken is told with who holds it, and taken once it is free", async () => {
  const stranger = createServer();
  await new Promise<void>((listening) => stranger.listen(world.port, "127.0.0.1", listening));
  world.remember({ port: world.port, portIsFixed: true });
  app = await DesktopApp.launch(world);
  const said = await app.untilFailure();
  await app.picture("port-taken");
  expect(said).toContain("Something else is in the way");
  expect(said).toContain(`port ${String(world.port)}`);
  expect(said).toContain("portIsFixed");
  await new Promise((closed) => stranger.close(closed));
  await restart(app);
  expect(app.url).toBe(`http://127.0.0.1:${String(world.port)}`);
});

test("a sidecar that ends again and again is given up, with its last words", async () => {
  const program = join(world.folder, "sidecar");
  writeFileSync(program, "#!/bin/sh\necho 'the disk made a strange noise' >&2\nexit 3\n", {
    mode: 0o755,
  });
  world.env["LLAMA_RUNNER_PRO_BACKEND"] = program;
  app = await DesktopApp.launch(world);
  const said = await app.untilFailure();
  await app.picture("given-up");
  expect(said).toContain("started five times");
  expect(said).toContain("code 3");
  expect(said).toContain("the disk made a strange noise");
});

test("a program that only pretends to be the sidecar is never shown", async () => {
  const program = join(world.folder, "sidecar");
  const line = JSON.stringify({
    ...{ event: "listening", protocol: 1, port: world.port, pid: 1, started_ms: 0 },
    ...{ version: "0.1.0", instance: "0".repeat(16), proof: "0".repeat(64) },
  });
  writeFileSync(
    program,
    `#!/bin/sh\nread -r _\necho '@llama-runner-pro ${line}'\nexec sleep 60\n`,
    {
      mode: 0o755,
    },
  );
  world.env["LLAMA_RUNNER_PRO_BACKEND"] = program;
  app = await DesktopApp.launch(world);
  const said = await app.untilFailure();
  await app.picture("not-ours");
  expect(said).toContain("could not be proven");
  expect(app.page.url()).not.toContain("http://");
});

test("a page that does not load is tried again, then explained", async () => {
  world.env["LLAMA_RUNNER_PRO_BACKEND"] = join(ROOT, "tests/desktop/support/pageless.cjs");
  app = await DesktopApp.launch(world);
  const said = await app.untilFailure();
  await app.picture("page-not-loaded");
  expect(said).toContain("The page cannot be loaded");
});

test("when the page's process dies it is loaded again", async () => {
  app = await DesktopApp.launch(world);
  await app.untilDashboard();
  const before = await app.pageProcess();
  process.kill(before ?? 0, "SIGKILL");
  await until("another process shows the page", async () => {
    const now = await app?.pageProcess();
    return now !== null && now !== before;
  });
  // Playwright has given the page up; the main process has not.
  const isLive = "document.querySelector('[data-link=open]') !== null";
  await until("the page is live again", async () => (await app?.ask(isLive)) === true);
});
