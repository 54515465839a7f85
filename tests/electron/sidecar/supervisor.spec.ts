import { beforeEach, describe, expect, test } from "vitest";

import { READY_LIMIT_MS, STOP_LIMIT_MS } from "../../../electron/src/sidecar/supervisor";
import { settle } from "../support/settle";
import { SupervisedWorld } from "../support/world";

let world: SupervisedWorld;

beforeEach(() => {
  world = new SupervisedWorld();
});

async function bringUp(port = 8585): Promise<void> {
  await settle();
  world.child.listen(port);
  world.child.say({ event: "ready" });
  await settle();
}

async function die(code: number | null = 1): Promise<void> {
  world.child.exit(code, code === null ? "SIGKILL" : null);
  await settle();
}

test("it is started with its verb, in a group of its own, with the environment it was given", () => {
  world.supervisor.start();
  expect(world.child.program).toBe("/opt/sidecar");
  expect(world.child.argv).toEqual(["serve", "--desktop"]);
  expect(world.child.options).toMatchObject({
    detached: true,
    windowsHide: true,
    env: { LANG: "C" },
    cwd: "/home/someone",
  });
});

test("the token is in the first line on stdin and nowhere else", async () => {
  world.supervisor.start();
  await settle();
  const token = String(world.child.heard[0]?.["token"]);
  expect(token).toMatch(/^[0-9a-f]{64}$/);
  expect(JSON.stringify([world.child.argv, world.child.options])).not.toContain(token);
});

test("it runs once it has proven itself, answers for its instance and is ready", async () => {
  world.supervisor.start();
  await settle();
  world.child.listen();
  await settle();
  expect(world.state.kind).toBe("starting");
  expect(world.supervisor.access?.origin).toBe("http://127.0.0.1:8585");
  world.child.say({ event: "ready" });
  await settle();
  expect(world.state).toMatchObject({ kind: "running", origin: "http://127.0.0.1:8585" });
});

test("ready before the instance was proven is not running yet", async () => {
  let answer: (right: boolean) => void = () => undefined;
  world = new SupervisedWorld({
    isInstance: () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
  });
  world.supervisor.start();
  await bringUp();
  expect(world.state.kind).toBe("starting");
  expect(world.supervisor.access).toBeNull();
  answer(true);
  await settle();
  expect(world.state.kind).toBe("running");
});

test("a stranger at the address is not given the token and is ended", async () => {
  world.isRight = false;
  world.supervisor.start();
  await bringUp();
  expect(world.supervisor.access).toBeNull();
  expect(world.killed).toEqual([100]);
  await die(null);
  expect(world.state).toMatchObject({ kind: "waiting", failure: { cause: "not-ours" } });
});

test("a wrong proof ends it at once", async () => {
  world.supervisor.start();
  await settle();
  world.child.listen(8585, { proof: "0".repeat(64) });
  await settle();
  expect(world.killed).toEqual([100]);
  expect(world.supervisor.access).toBeNull();
});

test("after a crash it is started again, with the same port and a new token", async () => {
  world.supervisor.start();
  await bringUp(9001);
  const first = world.child.heard[0];
  await die();
  expect(world.state.kind).toBe("waiting");
  expect(world.supervisor.access).toBeNull();
  world.clock.pass(499);
  expect(world.children).toHaveLength(1);
  world.clock.pass(1);
  expect(world.state).toMatchObject({ kind: "starting", again: true });
  await settle();
  expect(world.child.heard[0]).toMatchObject({ port: 9001 });
  expect(world.child.heard[0]?.["token"]).not.toBe(first?.["token"]);
  await bringUp(9001);
  expect(world.state.kind).toBe("running");
});

test("the fifth crash in a row is the last, and a person can start it again", async () => {
  world.supervisor.start();
  for (let nth = 0; nth < 5; nth += 1) {
    await settle();
    await die();
    world.clock.pass(10_000);
  }
  expect(world.children).toHaveLength(5);
  expect(world.state).toMatchObject({ kind: "failed", failure: { gaveUp: true, code: 1 } });
  world.supervisor.start();
  await bringUp();
  expect(world.state.kind).toBe("running");
  await die();
  expect(world.state.kind).toBe("waiting");
});

test("a broken configuration is shown with its words and not started again", async () => {
  world.supervisor.start();
  await settle();
  world.child.say({ event: "fatal", code: 78, text: "config.json: port is no number" });
  await settle();
  await die(78);
  world.clock.pass(600_000);
  expect(world.children).toHaveLength(1);
  expect(world.state).toMatchObject({
    kind: "failed",
    failure: { code: 78, said: "config.json: port is no number", cause: "exit" },
  });
});

test("a missing program is shown with its path, and nothing is started", () => {
  world.isProgram = false;
  world.supervisor.start();
  expect(world.children).toHaveLength(0);
  expect(world.state).toMatchObject({
    kind: "failed",
    failure: { cause: "missing", problem: "/opt/sidecar" },
  });
});

test("a program that the system refuses to start is shown with the system's words", async () => {
  world.hasPid = false;
  world.supervisor.start();
  world.child.emit("error", new Error("spawn EACCES"));
  await settle();
  expect(world.state).toMatchObject({
    kind: "failed",
    failure: { cause: "missing", problem: "spawn EACCES" },
  });
});

test("one that never gets ready is ended after two minutes and shown", async () => {
  world.supervisor.start();
  world.clock.pass(READY_LIMIT_MS - 1);
  expect(world.killed).toEqual([]);
  world.clock.pass(1);
  expect(world.killed).toEqual([100]);
  await die(null);
  expect(world.state).toMatchObject({ kind: "failed", failure: { cause: "silent" } });
});

test("once it runs, the limit for starting is off", async () => {
  world.supervisor.start();
  await bringUp();
  world.clock.pass(10 * READY_LIMIT_MS);
  expect(world.killed).toEqual([]);
});

test("what is degraded is told, and told again when it is well", async () => {
  world.supervisor.start();
  await bringUp();
  world.child.say({ event: "degraded", reasons: ["Gateway: port 1234 is held by lms"] });
  await settle();
  expect(world.state).toMatchObject({ degraded: ["Gateway: port 1234 is held by lms"] });
  world.child.say({ event: "degraded", reasons: [] });
  await settle();
  expect(world.state).toMatchObject({ degraded: [] });
});

test("log lines are passed on", async () => {
  world.supervisor.start();
  world.child.stderr.write("one\ntwo");
  world.child.stderr.write(" and a half\n");
  await settle();
  expect(world.logged).toEqual(["one", "two and a half"]);
});

describe("stopping", () => {
  test("asks, waits for the end, and does not start again", async () => {
    world.supervisor.start();
    await bringUp();
    const stopped = world.supervisor.stop(false);
    await settle();
    expect(world.child.heard.at(-1)).toMatchObject({ command: "shutdown", keep_models: false });
    expect(world.state.kind).toBe("stopping");
    world.child.say({ event: "stopped" });
    await die(0);
    await stopped;
    world.clock.pass(600_000);
    expect(world.children).toHaveLength(1);
    expect(world.killed).toEqual([]);
    expect(world.state).toEqual({ kind: "stopped", byUs: true });
  });

  test("ends it by force after ten seconds", async () => {
    world.supervisor.start();
    await bringUp();
    const stopped = world.supervisor.stop(true);
    await settle();
    expect(world.child.heard.at(-1)).toMatchObject({ keep_models: true });
    world.clock.pass(STOP_LIMIT_MS - 1);
    expect(world.killed).toEqual([]);
    world.clock.pass(1);
    expect(world.killed).toEqual([100]);
    await die(null);
    await stopped;
    expect(world.state).toEqual({ kind: "stopped", byUs: true });
  });

  test("while it waits to start again ends the waiting", async () => {
    world.supervisor.start();
    await settle();
    await die();
    await world.supervisor.stop(false);
    world.clock.pass(600_000);
    expect(world.children).toHaveLength(1);
    expect(world.state).toEqual({ kind: "stopped", byUs: true });
  });

  test("a crash on the way is no reason to start again", async () => {
    world.supervisor.start();
    await bringUp();
    const stopped = world.supervisor.stop(false);
    await die(1);
    await stopped;
    world.clock.pass(600_000);
    expect(world.children).toHaveLength(1);
  });

  test("twice asks once, and both hear of the end", async () => {
    world.supervisor.start();
    await bringUp();
    const both = Promise.all([world.supervisor.stop(false), world.supervisor.stop(false)]);
    await settle();
    expect(world.child.heard.filter((line) => line["command"] === "shutdown")).toHaveLength(1);
    await die(0);
    await both;
  });
});

test("one that somebody else stopped is told apart from one that we stopped", async () => {
  world.supervisor.start();
  await bringUp();
  world.child.say({ event: "stopped" });
  await die(0);
  expect(world.state).toEqual({ kind: "stopped", byUs: false });
});

test("restarting a running one keeps the models for the next", async () => {
  world.supervisor.start();
  await bringUp();
  world.supervisor.start();
  await settle();
  expect(world.child.heard.at(-1)).toMatchObject({ command: "shutdown", keep_models: true });
  await die(0);
  expect(world.children).toHaveLength(2);
  await bringUp();
  expect(world.state.kind).toBe("running");
});

test("restarting one that hangs while starting ends it and starts another", async () => {
  world.supervisor.start();
  world.supervisor.start();
  expect(world.killed).toEqual([100]);
  await die(null);
  expect(world.children).toHaveLength(2);
  expect(world.state.kind).toBe("starting");
});

test("lines of a life that is over change nothing", async () => {
  world.supervisor.start();
  await bringUp();
  const first = world.child;
  await die();
  world.clock.pass(1000);
  first.say({ event: "ready" });
  await settle();
  expect(world.state.kind).toBe("starting");
});
