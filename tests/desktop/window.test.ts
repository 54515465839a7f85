import { readFileSync } from "node:fs";

import { afterAll, beforeAll, expect, test } from "vitest";

import { drawnWidth } from "../e2e/support/dashboard";
import { until } from "../e2e/support/until";

import { DesktopApp, startAgain } from "./support/app";
import { World } from "./support/world";

const SOME_SAMPLES_PX = 20;
let world: World;
let app: DesktopApp;

beforeAll(async () => {
  world = await World.make();
  app = await DesktopApp.ready(world);
});

afterAll(async () => {
  await app.closeWindow();
  await app.ended();
  await world.untilNothingIsLeft();
  world.dispose();
});

test("the window shows live charts that its own sidecar feeds", async () => {
  const dashboard = await app.untilDashboard();
  expect(app.url).toBe(`http://127.0.0.1:${String(world.port)}`);
  await dashboard.follow("Overview");
  await dashboard.chooseRange("1 min");
  await dashboard.untilDrawn("CPU", (columns) => drawnWidth(columns) > SOME_SAMPLES_PX);
  expect(world.sidecars()).toHaveLength(1);
  expect(world.engines()).toHaveLength(1);
  await app.picture("dashboard");
});

test("a model killed with kill -9 is healed while the window watches", async () => {
  const dashboard = await app.untilDashboard();
  await dashboard.follow("Endpoints");
  await dashboard.untilCard("demo", "online");
  await dashboard.leaveMark();
  const states = await dashboard.recordStates("demo");
  const [before = 0] = world.engines();

  process.kill(before, "SIGKILL");

  await until("the card has shown healing and is online again", async () => {
    const seen = await states();
    return seen.includes("healing") && seen.at(-1) === "online";
  });
  expect(await dashboard.hasMark()).toBe(true);
  expect(world.engines()).toHaveLength(1);
  expect(world.engines()).not.toContain(before);
});

test("after kill -9 of the sidecar another one serves on the same port and keeps the model", async () => {
  const { url } = app;
  const [sidecar = 0] = world.sidecars();
  const [engine = 0] = world.engines();

  process.kill(sidecar, "SIGKILL");

  await until("another sidecar runs", () => {
    const now = world.sidecars();
    return now.length === 1 && !now.includes(sidecar);
  });
  const dashboard = await app.untilDashboard();
  expect(app.url).toBe(url);
  await dashboard.follow("Endpoints");
  await dashboard.untilCard("demo", "online");
  expect(world.engines()).toEqual([engine]);
});

test("the page can use the sidecar but never sees the token", async () => {
  const seen = await app.page.evaluate(async () => {
    const answer = await fetch("/api/session");
    const request = new Request("/api/session");
    return {
      mayChange: ((await answer.json()) as { may_change: boolean }).may_change,
      headers: [...request.headers].map(([name]) => name),
      answered: [...answer.headers].map(([, value]) => value).join(),
      kept: JSON.stringify([localStorage, sessionStorage, document.cookie]),
      bridge: Object.keys((window as unknown as { llamaRunner: object }).llamaRunner).sort(),
      hasNode: "process" in window || "require" in window || "module" in window,
    };
  });
  expect(seen.mayChange).toBe(true);
  expect(seen.headers).toEqual([]);
  expect(seen.answered + seen.kept + app.page.url()).not.toMatch(/[0-9a-f]{64}/);
  expect(seen.hasNode).toBe(false);
  expect(seen.bridge).not.toContain("getToken");
  expect(seen.bridge).toContain("restart");
});

test("the token is nowhere to be seen in arguments and environments", () => {
  for (const { pid, command } of world.ours()) {
    expect(command).not.toMatch(/\b[0-9a-f]{64}\b/);
    expect(readFileSync(`/proc/${String(pid)}/environ`, "utf8")).not.toMatch(/\b[0-9a-f]{64}\b/);
  }
});

test("the window goes nowhere else: not by script, not by link, not into a new window", async () => {
  const { url } = app;
  const before = app.page.url();
  const foreign = `http://127.0.0.1:${String(world.port + 1)}/`;
  await app.page.evaluate((target) => {
    window.location.assign(target);
  }, foreign);
  await app.page.evaluate((target) => {
    const link = document.createElement("a");
    link.href = target;
    document.body.append(link);
    link.click();
    link.remove();
  }, foreign);
  const opened = await app.page.evaluate(() => window.open("file:///etc/passwd") !== null);
  expect(opened).toBe(false);
  expect(app.page.url()).toBe(before);
  expect(new URL(app.page.url()).origin).toBe(url);
  expect(app.electron.windows()).toHaveLength(1);
  // A navigation that was begun and refused leaves Playwright waiting for it, so the page is asked.
  expect(await app.page.evaluate(() => document.querySelector("[data-link=open]") !== null)).toBe(
    true,
  );
});

test("permissions that the dashboard does not need are refused", async () => {
  const refused = await app.page.evaluate(async () => {
    const place = await new Promise<string>((resolve) => {
      navigator.geolocation.getCurrentPosition(
        () => {
          resolve("granted");
        },
        (error) => {
          resolve(error.code === error.PERMISSION_DENIED ? "denied" : error.message);
        },
      );
    });
    const sound = await navigator.mediaDevices.getUserMedia({ audio: true }).then(
      () => "granted",
      (error: unknown) => (error as Error).name,
    );
    const midi = await navigator.permissions.query({ name: "midi" });
    return { place, sound, midi: midi.state };
  });
  expect(refused.place).toBe("denied");
  expect(refused.sound).toMatch(/NotAllowedError|NotFoundError/);
  expect(refused.midi).toBe("denied");
});

test("a second start brings the first window to the front and ends", async () => {
  await app.electron.evaluate(({ BrowserWindow }) => {
    BrowserWindow.getAllWindows()[0]?.hide();
  });
  const ended = await startAgain(world);
  expect(ended).toEqual({ code: 0, signal: null });
  await until("the first window is there again", async () =>
    app.electron.evaluate(
      ({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible() ?? false,
    ),
  );
  expect(world.sidecars()).toHaveLength(1);
});

test("a link opens its page in the window, and a link that makes no sense changes nothing", async () => {
  await startAgain(world, "llama-runner-pro://open/recovery");
  await app.page.getByRole("heading", { level: 1, name: "Recovery" }).waitFor();
  const { pathname } = new URL(app.page.url());
  expect(pathname).toBe("/recovery");
  await startAgain(world, "llama-runner-pro://open/..%2f..%2fetc/passwd?x=<script>");
  expect(new URL(app.page.url()).pathname).toBe(pathname);
});
