import { beforeEach, expect, test } from "vitest";

import { ExitPath, LIMIT_MS } from "../../../electron/src/shell/exit-path";
import { FakeClock } from "../support/fake-clock";
import { settle } from "../support/settle";

let clock: FakeClock;
let steps: string[];
let stopped: () => void;
let failed: (error: Error) => void;
let path: ExitPath;

beforeEach(() => {
  clock = new FakeClock();
  steps = [];
  path = new ExitPath({
    prepare: () => steps.push("prepare"),
    stopSidecar: () => {
      steps.push("stop");
      return new Promise((resolve, reject) => {
        stopped = resolve;
        failed = reject;
      });
    },
    exit: (code, isComingBack) => steps.push(`exit ${code}${isComingBack ? " and back" : ""}`),
    log: () => undefined,
    clock,
  });
});

test("the app goes once the sidecar has stopped, not before", async () => {
  path.leave("quit");
  await settle();
  expect(steps).toEqual(["prepare", "stop"]);
  expect([path.isLeaving, path.isOpen]).toEqual([true, false]);
  stopped();
  await settle();
  expect(steps).toEqual(["prepare", "stop", "exit 0"]);
  expect(path.isOpen).toBe(true);
  expect(clock.pending).toBe(0);
});

test("several wishes to leave are one", async () => {
  path.leave("the window was closed");
  path.leave("SIGTERM", 1);
  stopped();
  await settle();
  expect(steps).toEqual(["prepare", "stop", "exit 0"]);
});

test("a sidecar that cannot be stopped holds nobody back for ever", () => {
  path.leave("quit");
  clock.pass(LIMIT_MS - 1);
  expect(steps).not.toContain("exit 0");
  clock.pass(1);
  expect(steps).toContain("exit 0");
});

test("an error on the way leads out as well, once", async () => {
  path.leave("an error", 70);
  failed(new Error("no"));
  await settle();
  clock.pass(LIMIT_MS);
  expect(steps).toEqual(["prepare", "stop", "exit 70"]);
});

test("an update is installed instead of a plain exit, after everything stopped", async () => {
  path.leave("an update", 0, () => steps.push("install"));
  expect(steps).toEqual(["prepare", "stop"]);
  stopped();
  await settle();
  expect(steps).toEqual(["prepare", "stop", "install"]);
  expect(path.isOpen).toBe(true);
});

test("who starts the app while it leaves gets a new one", async () => {
  path.leave("quit");
  path.comeBack();
  stopped();
  await settle();
  expect(steps.at(-1)).toBe("exit 0 and back");
});
