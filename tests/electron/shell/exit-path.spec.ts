import { beforeEach, describe, expect, test } from "vitest";

import { ExitPath, INSTALL_LIMIT_MS, LIMIT_MS } from "../../../electron/src/shell/exit-path";
import { FakeClock } from "../support/fake-clock";
import { settle } from "../support/settle";

let clock: FakeClock;
let steps: string[];
let stopped: () => void;
let failed: (error: Error) => void;
let path: ExitPath;
let isReady: boolean;

beforeEach(() => {
  clock = new FakeClock();
  steps = [];
  isReady = true;
  path = new ExitPath({
    prepare: () => {
      if (!isReady) throw new Error("the window has gone");
      steps.push("prepare");
    },
    stopSidecar: ({ isUrgent = false, keepModels }) => {
      const how = `${isUrgent ? " at once" : ""}${keepModels === true ? ", models stay" : ""}`;
      steps.push(`stop${how}`);
      return new Promise((resolve, reject) => {
        stopped = resolve;
        failed = reject;
      });
    },
    exit: (code, again) => {
      const link = again?.link ?? null;
      steps.push(`exit ${code}${again === null ? "" : ` and back to ${link ?? "nowhere"}`}`);
    },
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
  path.leave("SIGTERM", { code: 1 });
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
  path.leave("an error", { code: 70 });
  failed(new Error("no"));
  await settle();
  clock.pass(LIMIT_MS);
  expect(steps).toEqual(["prepare", "stop", "exit 70"]);
});

test("an update is installed instead of a plain exit, after everything stopped", async () => {
  path.leave("an update", { last: () => steps.push("install") });
  expect(steps).toEqual(["prepare", "stop"]);
  stopped();
  await settle();
  expect(steps).toEqual(["prepare", "stop", "install"]);
  expect(path.isOpen).toBe(true);
});

test("who starts the app while it leaves gets a new one, with the link it was started for", async () => {
  path.leave("quit");
  path.comeBack("llama-runner-pro://open/logs");
  path.comeBack(null);
  stopped();
  await settle();
  expect(steps.at(-1)).toBe("exit 0 and back to llama-runner-pro://open/logs");
});

test("what cannot be prepared holds nobody back", async () => {
  isReady = false;
  path.leave("quit");
  stopped();
  await settle();
  expect(steps).toEqual(["stop", "exit 0"]);
});

test("an update that cannot be installed ends the app all the same", async () => {
  path.leave("an update", {
    last: () => {
      throw new Error("nothing to install");
    },
  });
  stopped();
  await settle();
  expect(steps).toEqual(["prepare", "stop", "exit 70"]);
});

test("an installer that never begins does not leave a window-less app behind", async () => {
  path.leave("an update", { last: () => steps.push("install") });
  stopped();
  await settle();
  clock.pass(INSTALL_LIMIT_MS - 1);
  expect(steps.at(-1)).toBe("install");
  clock.pass(1);
  expect(steps.at(-1)).toBe("exit 70");
});

test("what is left of a session is told to the sidecar", () => {
  path.leave("the session ends", { isUrgent: true });
  expect(steps).toEqual(["prepare", "stop at once"]);
});

test("a window that begins anew by itself keeps the models, and is not asked back twice", async () => {
  path.leave("graphics", { keepModels: true, isAgain: true });
  stopped();
  await settle();
  expect(steps).toEqual(["prepare", "stop, models stay", "exit 0 and back to nowhere"]);
});

describe("an answer that is waited for", () => {
  let answer: (again: boolean) => void;

  beforeEach(() => {
    const asked = new Promise<boolean>((resolve) => {
      answer = resolve;
    });
    path.leave("an error", { code: 70, answer: asked });
  });

  test("comes after everything has stopped, however long it takes", async () => {
    stopped();
    await settle();
    clock.pass(LIMIT_MS * 100);
    await settle();
    expect(steps).toEqual(["prepare", "stop"]);
    answer(false);
    await settle();
    expect(steps.at(-1)).toBe("exit 70");
    expect(path.isOpen).toBe(true);
  });

  test("may come before that, and can be to begin anew", async () => {
    answer(true);
    await settle();
    expect(steps).toEqual(["prepare", "stop"]);
    stopped();
    await settle();
    expect(steps.at(-1)).toBe("exit 70 and back to nowhere");
  });

  test("is not waited for when somebody else wants the end", async () => {
    stopped();
    path.leave("SIGTERM");
    await settle();
    expect(steps.at(-1)).toBe("exit 70");
    answer(true);
    await settle();
    expect(steps).toEqual(["prepare", "stop", "exit 70"]);
  });

  test("is given by who starts the app again meanwhile", async () => {
    stopped();
    path.comeBack("llama-runner-pro://open/logs");
    await settle();
    expect(steps.at(-1)).toBe("exit 70 and back to llama-runner-pro://open/logs");
  });
});
