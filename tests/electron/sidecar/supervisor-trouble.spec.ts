import { beforeEach, describe, expect, test } from "vitest";

import { STOP_LIMIT_MS, URGENT_STOP_MS } from "../../../electron/src/sidecar/supervisor";
import { settle } from "../support/settle";
import { SupervisedWorld } from "../support/world";

let world: SupervisedWorld;

beforeEach(() => {
  world = new SupervisedWorld();
});

async function bringUp(port = 8585): Promise<void> {
  world.supervisor.start();
  await settle();
  world.child.listen(port);
  world.child.say({ event: "ready" });
  await settle();
}

function shutdowns(): Record<string, unknown>[] {
  return world.child.heard.filter((line) => line["command"] === "shutdown");
}

test("a file that is no program is shown with the system's words, and can be tried again", () => {
  world.refusal = Object.assign(new Error("spawn UNKNOWN"), { code: "UNKNOWN" });
  world.supervisor.start();
  expect(world.state).toMatchObject({
    kind: "failed",
    failure: { cause: "missing", problem: "/opt/sidecar: spawn UNKNOWN" },
  });
  world.refusal = null;
  world.supervisor.start();
  expect(world.state.kind).toBe("starting");
});

test("an address that comes after the proven one is not believed", async () => {
  await bringUp();
  world.isRight = false;
  world.child.listen(9999);
  await settle();
  expect(world.supervisor.access?.origin).toBe("http://127.0.0.1:8585");
  expect(world.killed).toEqual([]);
});

describe("while it restarts", () => {
  test("a second wish for a restart is none, and does not put off the end by force", async () => {
    await bringUp();
    world.supervisor.start();
    world.clock.pass(STOP_LIMIT_MS - 1);
    world.supervisor.start();
    await settle();
    expect(shutdowns()).toHaveLength(1);
    world.clock.pass(1);
    expect(world.killed).toEqual([100]);
  });

  test("quitting ends the models after all, and nothing is started any more", async () => {
    await bringUp();
    world.supervisor.start();
    const gone = world.supervisor.stop(false);
    await settle();
    expect(shutdowns().map((line) => line["keep_models"])).toEqual([true, false]);
    world.child.exit(0, null);
    await gone;
    await settle();
    expect(world.children).toHaveLength(1);
    expect(world.state.kind).toBe("stopped");
  });
});

describe("stopping", () => {
  test("asked for twice still ends by force in time", async () => {
    await bringUp();
    void world.supervisor.stop(false);
    world.clock.pass(STOP_LIMIT_MS - 1);
    void world.supervisor.stop(false);
    world.clock.pass(1);
    expect(world.killed).toEqual([100]);
  });

  test("in a hurry gives less time", async () => {
    await bringUp();
    void world.supervisor.stop(false, URGENT_STOP_MS);
    await settle();
    expect(shutdowns()).toMatchObject([{ deadline_ms: URGENT_STOP_MS }]);
    world.clock.pass(URGENT_STOP_MS + 2000);
    expect(world.killed).toEqual([100]);
  });
});
