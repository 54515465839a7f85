import { beforeEach, describe, expect, test } from "vitest";

import { GraphicsWatch } from "../../../electron/src/shell/graphics";
import { onSessionQuery } from "../../../electron/src/shell/session-end";

const GPU = { type: "GPU", reason: "crashed" };

describe("the process that draws with the graphics card", () => {
  let watch: GraphicsWatch;

  beforeEach(() => {
    watch = new GraphicsWatch(false);
  });

  test("may fail once", () => {
    expect(watch.gone(GPU, 0)).toBe("wait");
  });

  test("is done without after the second time within a minute", () => {
    watch.gone(GPU, 0);
    expect(watch.gone({ type: "GPU", reason: "launch-failed" }, 59_000)).toBe("begin-anew");
  });

  test("is not given up for failures that lie apart", () => {
    for (let nth = 0; nth < 9; nth += 1) expect(watch.gone(GPU, nth * 61_000)).toBe("wait");
  });

  test("is given up once: the app begins anew only one time", () => {
    const verdicts = [0, 1, 2, 3, 4].map((atMs) => watch.gone(GPU, atMs));
    expect(verdicts.filter((verdict) => verdict === "begin-anew")).toHaveLength(1);
  });

  test.each([
    { type: "GPU", reason: "clean-exit" },
    { type: "Utility", reason: "crashed" },
    { type: "Pepper Plugin", reason: "crashed" },
  ])("%j is nothing to it", (end) => {
    expect([0, 1, 2].map((atMs) => watch.gone(end, atMs))).toEqual(["wait", "wait", "wait"]);
  });

  test("cannot be done without twice", () => {
    const software = new GraphicsWatch(true);
    expect([0, 1, 2].map((atMs) => software.gone(GPU, atMs))).toEqual(["wait", "wait", "wait"]);
  });
});

describe("Windows asks whether the session may end", () => {
  test.each([
    ["waits for the models of a running sidecar", ["shutdown"], true, false, "delay"],
    ["waits when the user signs out", ["logoff"], true, false, "delay"],
    ["goes on waiting while it leaves already", ["shutdown"], true, true, "delay"],
    ["has nothing to wait for", ["shutdown"], false, false, "go"],
    ["cannot wait when it is forced to end", ["shutdown", "critical"], true, false, "go"],
    ["says nothing of its reasons, and is waited for", [], true, false, "delay"],
  ] as const)("and it %s", (_name, reasons, hasSidecar, isLeaving, verdict) => {
    expect(onSessionQuery({ reasons, hasSidecar, isLeaving, isOpen: false })).toBe(verdict);
  });

  test("and it goes once everything is stopped", () => {
    const done = { reasons: [], hasSidecar: true, isLeaving: true, isOpen: true };
    expect(onSessionQuery(done)).toBe("go");
  });
});
