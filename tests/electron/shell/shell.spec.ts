import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { Shell } from "../../../electron/src/shell/shell";
import { words } from "../../../electron/src/shell/words";
import type { Recorder } from "../support/recorder";
import { settle } from "../support/settle";
import { LOCAL, until, WholeShell } from "../support/whole-shell";
import type { SupervisedWorld } from "../support/world";

let whole: WholeShell;
let world: SupervisedWorld;
let recorder: Recorder;
let shell: Shell;

beforeEach(async () => {
  whole = await new WholeShell().open();
  ({ world, recorder, shell } = whole);
});

afterEach(() => {
  whole.close();
});

test("it starts on its own page, goes on to the dashboard and remembers the port", async () => {
  await whole.bringUp();
  const { port } = whole;
  expect(recorder.did).toEqual([`load ${LOCAL}`, `load http://127.0.0.1:${port}/`]);
  expect(whole.settings.current.port).toBe(port);
  await until(() => recorder.tray?.tone === "good");
  expect(recorder.tray?.tooltip).toContain("1 of 1");
});

test("a sidecar that was started before the window is taken over", async () => {
  world.supervisor.start();
  const started = world.children.length;
  await whole.bringUp();
  expect(world.children).toHaveLength(started);
  expect(world.state.kind).toBe("running");
});

describe("ways out", () => {
  test.each([
    [
      "closing the window",
      () => {
        expect(shell.closing()).toBe("quit");
      },
    ],
    [
      "Quit in a menu",
      () => {
        shell.run("quit");
      },
    ],
    [
      "the end of the session",
      () => {
        shell.sessionEnds();
      },
    ],
  ])("%s stops the sidecar first and then the app", async (_name, leave) => {
    await whole.bringUp();
    leave();
    await settle();
    expect(world.child.heard.at(-1)).toMatchObject({ command: "shutdown", keep_models: false });
    expect(whole.exits).toEqual([]);
    expect(recorder.did.at(-1)).toBe("hide");
    await whole.sidecarStops();
    expect(whole.exits).toEqual(["0"]);
    expect(whole.settings.current.placement).toMatchObject({ x: 1, width: 800 });
  });

  test("models are kept only when that was set", async () => {
    await whole.bringUp();
    shell.setSwitch("keepModels", true);
    shell.run("quit");
    await settle();
    expect(world.child.heard.at(-1)).toMatchObject({ keep_models: true });
    await whole.sidecarStops();
  });

  test("a sidecar that somebody else stopped takes the app with it", async () => {
    await whole.bringUp();
    await whole.sidecarStops();
    expect(whole.exits).toEqual(["0"]);
  });

  test("started again meanwhile, the app comes back", async () => {
    await whole.bringUp();
    shell.run("quit");
    await settle();
    shell.summon("llama-runner-pro://open/logs");
    expect(recorder.did).not.toContain("reveal");
    await whole.sidecarStops();
    expect(whole.exits).toEqual(["0 again llama-runner-pro://open/logs"]);
  });
});

test("hiding to the tray is explained once", async () => {
  await whole.bringUp(true);
  shell.setSwitch("hideToTray", true);
  expect(shell.closing()).toBe("hide");
  expect(shell.closing()).toBe("hide");
  const notices = recorder.did.filter((step) => step.startsWith("notify"));
  expect(notices).toEqual([`notify ${words.notices.hiddenTitle}`]);
  expect(whole.exits).toEqual([]);
});

describe("another start", () => {
  test("brings the window to the front, and its link to the screen", async () => {
    await whole.bringUp();
    shell.summon("llama-runner-pro://open/gateway");
    expect(recorder.did.slice(-2)).toEqual([expect.stringMatching(/\/gateway$/), "reveal"]);
  });

  test("with a foreign link brings the window and goes nowhere", async () => {
    await whole.bringUp();
    const before = recorder.did.length;
    shell.summon("llama-runner-pro://run/rm");
    expect(recorder.did.slice(before)).toEqual(["reveal"]);
  });
});

describe("commands", () => {
  test.each([
    ["heal", "POST /api/ai-monitor/heal-now"],
    ["pause", "POST /api/ai-monitor/stop"],
    ["resume", "POST /api/ai-monitor/start"],
  ] as const)("%s calls %s", async (command, line) => {
    await whole.bringUp();
    shell.run(command);
    await until(() => whole.asked.includes(line));
    expect(recorder.told).toEqual([]);
  });

  test("what cannot be done is told", async () => {
    shell.run("heal");
    await settle();
    expect(recorder.told).toEqual([words.notices.callFailed]);
  });

  test("what was copied from a menu is told, for nothing is to be seen of it", async () => {
    shell.run("diagnostics");
    await settle();
    expect(recorder.told).toEqual([words.notices.copied]);
  });

  test("a folder of logs that does not open is told", async () => {
    recorder.folderProblem = "no such folder";
    shell.run("logs");
    await settle();
    expect(recorder.told).toEqual([words.notices.noFolder("no such folder")]);
  });

  test("settings, logs, updates and diagnostics", async () => {
    await whole.bringUp();
    for (const command of ["settings", "logs", "updates", "diagnostics", "open"] as const) {
      shell.run(command);
      await settle();
    }
    const [first, ...others] = recorder.did.slice(2);
    expect(first).toMatch(/\/settings$/);
    expect(others).toEqual(["reveal", "open /logs", "updates", "reveal"]);
    expect(recorder.copied).toContain("line");
  });

  test("pausing shows in tray and menu", async () => {
    await whole.bringUp();
    whole.isWatching = false;
    shell.run("pause");
    await until(() => recorder.tray?.tone === "off");
    const all = recorder.menu.flatMap((entry) => entry.submenu ?? []);
    expect(all.some((entry) => entry.command === "resume")).toBe(true);
  });

  test("restarting a failed sidecar starts it", async () => {
    shell.begin();
    await settle();
    world.child.exit(78, null);
    await settle();
    expect(world.state.kind).toBe("failed");
    shell.restart();
    expect(world.children).toHaveLength(2);
  });
});

describe("switches", () => {
  test("starting at login is asked of the system, and its refusal is told", async () => {
    await whole.bringUp();
    shell.setSwitch("startAtLogin", true);
    expect(recorder.did).toContain("login true");
    expect(whole.settings.current.switches.startAtLogin).toBe(true);
    recorder.refusal = "requires approval";
    expect(() => shell.setSwitch("startAtLogin", false)).toThrow("requires approval");
    shell.flipFromMenu("startAtLogin");
    expect(recorder.told).toEqual([words.notices.loginRefused]);
    expect(whole.settings.current.switches.startAtLogin).toBe(true);
  });
});

describe("notifications", () => {
  async function failing(): Promise<void> {
    await whole.bringUp();
    whole.incidents = [{ id: "1", endpoint: "chat", outcome: "failed", summary: "no memory" }];
    const before = whole.asked.length;
    await until(() => {
      world.clock.pass(5000);
      return whole.asked.length > before + 3;
    });
  }

  test("tell a failure once", async () => {
    await failing();
    expect(recorder.did.filter((step) => step.startsWith("notify"))).toEqual([
      `notify ${words.notices.failed("chat")}`,
    ]);
  });

  test("tell a failure once when an alert speaks of it as well", async () => {
    whole.incidents = [];
    await failing();
    whole.alerts = [
      {
        id: "a",
        rule: "endpoint_failed",
        endpoint: "chat",
        incident_id: "1",
        title: "chat is down",
      },
      {
        id: "b",
        rule: "gpu_temperature",
        endpoint: null,
        incident_id: null,
        title: "The GPU is hot",
      },
    ].map((alert) => ({ ...alert, message: "m", raised_ms: 1, resolved_ms: null }));
    await until(() => {
      world.clock.pass(5000);
      return whole.notices.length > 1;
    });
    expect(whole.notices).toEqual([
      `notify ${words.notices.failed("chat")}`,
      "notify The GPU is hot",
    ]);
  });

  test("tell nothing once the app leaves", async () => {
    await whole.bringUp();
    whole.incidents = [{ id: "1", endpoint: "chat", outcome: "failed", summary: "" }];
    world.clock.pass(5000);
    shell.run("quit");
    await whole.sidecarStops();
    await settle(50);
    expect(whole.notices).toEqual([]);
  });

  test("tell nothing when they are off", async () => {
    whole.settings.flip("notifications", false);
    await failing();
    expect(recorder.did.filter((step) => step.startsWith("notify"))).toEqual([]);
  });
});

test("pages get their answers from the shell, without anything secret", async () => {
  await whole.bringUp();
  const answers = shell.answers();
  expect(answers.getState()).toEqual({
    ...{ version: "1", electron: "45", platform: "linux", sidecar: "running" },
  });
  expect(answers.getSettings()).toEqual(whole.settings.current.switches);
  const token = String(world.child.heard[0]?.["token"]);
  const all = [answers.getState(), answers.getSettings(), answers.getView()];
  expect(JSON.stringify(all)).not.toContain(token);
  expect(answers.setSetting({ name: "updateChecks", value: false })).toMatchObject({
    updateChecks: false,
  });
  answers.quit();
  await whole.sidecarStops();
  expect(whole.exits).toHaveLength(1);
});
