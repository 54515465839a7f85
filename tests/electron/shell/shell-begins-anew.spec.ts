import { afterEach, beforeEach, describe, expect, test } from "vitest";

import type { Shell } from "../../../electron/src/shell/shell";
import { words } from "../../../electron/src/shell/words";
import type { Recorder } from "../support/recorder";
import { settle } from "../support/settle";
import { WholeShell } from "../support/whole-shell";
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

describe("a graphics card that fails", () => {
  const crash = { type: "GPU", reason: "crashed" };

  test("has the window begin anew without it, and the models go on meanwhile", async () => {
    await whole.bringUp();
    shell.processGone(crash);
    expect(whole.settings.current.softwareRendering).toBe(false);
    shell.processGone(crash);
    expect(whole.settings.current.softwareRendering).toBe(true);
    await settle();
    expect(world.child.heard.at(-1)).toMatchObject({ command: "shutdown", keep_models: true });
    await whole.sidecarStops();
    expect(whole.exits).toEqual(["0 again"]);
  });

  test("is told once at the next start, and can be tried again from the menu", async () => {
    whole.settings.change({ softwareRendering: true });
    await whole.bringUp();
    expect(recorder.told).toEqual([words.notices.software]);
    expect(whole.settings.current.toldSoftware).toBe(true);
    const all = recorder.menu.flatMap((entry) => entry.submenu ?? []);
    expect(all.some((entry) => entry.command === "graphics")).toBe(true);
    shell.run("graphics");
    await whole.sidecarStops();
    expect(whole.settings.current).toMatchObject({ softwareRendering: false, toldSoftware: false });
    expect(whole.exits).toEqual(["0 again"]);
  });

  test("is not spoken of where it works", async () => {
    whole.settings.change({ softwareRendering: true, toldSoftware: true });
    await whole.bringUp();
    expect(recorder.told).toEqual([]);
  });
});

describe("the end of a session on Windows", () => {
  test("waits for the models, and is not kept waiting for long", async () => {
    await whole.bringUp();
    expect(shell.sessionAsks(["shutdown"])).toBe(true);
    await settle();
    expect(world.child.heard.at(-1)).toMatchObject({ command: "shutdown", deadline_ms: 4000 });
    expect(shell.sessionAsks(["shutdown"])).toBe(true);
    await whole.sidecarStops();
    expect(whole.exits).toEqual(["0"]);
    expect(shell.sessionAsks(["shutdown"])).toBe(false);
  });

  test("is not held up when nothing runs or when it is forced", async () => {
    expect(shell.sessionAsks(["shutdown"])).toBe(false);
    expect(whole.exits).toEqual([]);
    await whole.bringUp();
    expect(shell.sessionAsks(["shutdown", "critical"])).toBe(false);
    await settle();
    expect(world.child.heard.at(-1)).toMatchObject({ command: "shutdown" });
    await whole.sidecarStops();
  });
});
