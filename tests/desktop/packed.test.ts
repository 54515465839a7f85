import { existsSync, readFileSync, renameSync } from "node:fs";

import { afterAll, beforeAll, expect, test } from "vitest";

import { Dashboard, drawnWidth } from "../e2e/support/dashboard";
import { until } from "../e2e/support/until";

import { picturePath } from "./support/app";
import { canInstall, install, known, Newcomer, purge } from "./support/installed";
import { NOTE } from "./support/traces";
import { World } from "./support/world";

const SOME_SAMPLES_PX = 20;
let world: World;
let user: Newcomer;
let files: string[] = [];

// Elsewhere these are counted as left out, and named.
const onDebian = test.skipIf(!canInstall());

beforeAll(async () => {
  if (!canInstall()) return;
  world = await World.make();
  files = install();
  user = new Newcomer(world);
});

afterAll(async () => {
  if (!canInstall()) return;
  world.dispose();
  // An account in use cannot be removed.
  await world.untilNothingIsLeft();
  if (known() !== "") purge();
  user.remove();
});

onDebian(
  "what a run that was killed installed is replaced, and what somebody else did is not",
  () => {
    const aside = `${NOTE}.aside`;
    renameSync(NOTE, aside);
    expect(() => install()).toThrow("not for a test to replace");
    expect(known()).toBe("installed");
    renameSync(aside, NOTE);
    files = install();
    user = new Newcomer(world);
  },
);

onDebian(
  "a user without rights opens it from the desktop's menu and sees live charts",
  async () => {
    const page = await user.launch();
    await page.waitForURL(/^http:\/\/127\.0\.0\.1:\d+\//);
    const { origin } = new URL(page.url());
    expect(origin).toBe(`http://127.0.0.1:${String(world.port)}`);
    const dashboard = new Dashboard(page, origin);
    await dashboard.untilLive();
    await dashboard.chooseRange("1 min");
    await dashboard.untilDrawn("CPU", (columns) => drawnWidth(columns) > SOME_SAMPLES_PX);
    await dashboard.follow("Endpoints");
    await dashboard.untilCard("demo", "online");
    await page.screenshot({ path: picturePath("installed") });
    expect(world.engines()).toHaveLength(1);
  },
);

onDebian("its page runs inside the sandbox of the system", () => {
  const renderers = world.ours().filter(({ command }) => command.includes("--type=renderer"));
  expect(renderers.length).toBeGreaterThan(0);
  for (const { pid, command } of renderers) {
    const status = readFileSync(`/proc/${String(pid)}/status`, "utf8");
    expect(status).toMatch(/^Seccomp:\t2$/m);
    expect(command).not.toContain("--no-sandbox");
  }
});

onDebian(
  "the command of the package speaks with the sidecar in the window, and stops it",
  async () => {
    const where = ["--data-dir", world.dataDir] as const;
    expect(user.command("llama-runner-pro", "status", ...where)).toContain("demo");
    user.command("llama-runner-pro", "stop", ...where);
    expect(await user.untilEnded()).toBe(0);
    await world.untilNothingIsLeft();
  },
);

onDebian("after purging it only what the user made is left", async () => {
  purge();
  await until("dpkg has forgotten it", () => known() === "");
  expect(files.filter((path) => existsSync(path))).toEqual([]);
  expect(existsSync("/opt/LlamaRunnerPro")).toBe(false);
  expect(existsSync(world.configFile)).toBe(true);
  expect(existsSync(world.userData)).toBe(true);
});
