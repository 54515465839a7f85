import { describe, expect, test } from "vitest";

import { localView } from "../../../electron/src/shell/local-view";
import { words } from "../../../electron/src/shell/words";
import type { Failure, SidecarState } from "../../../electron/src/sidecar/state";

const LOG = ["one", "two"];
const FAILURE: Failure = {
  ...{ code: 1, signal: null, cause: "exit", problem: "", said: "", gaveUp: false },
};
const RUNNING: SidecarState = {
  ...{ kind: "running", origin: "http://127.0.0.1:8585", version: "1", degraded: [] },
};

function starting(sinceMs: number, again = false) {
  return localView({ kind: "starting", sinceMs: 1000, again }, null, LOG, 1000 + sinceMs);
}

function failed(change: Partial<Failure>) {
  return localView({ kind: "failed", failure: { ...FAILURE, ...change } }, null, LOG, 0);
}

describe("while it starts, the words change with time", () => {
  test.each([
    [0, words.starting.first, 0, false],
    [2999, words.starting.first, 0, false],
    [3000, words.starting.still, 0, false],
    [14_999, words.starting.still, 0, false],
    [15_000, words.starting.long, 2, false],
    [59_999, words.starting.long, 2, false],
    [60_000, words.starting.veryLong, 2, true],
    [119_000, words.starting.veryLong, 2, true],
  ])("after %i ms", (sinceMs, text, logged, canRestart) => {
    const view = starting(sinceMs);
    expect(view.kind).toBe("starting");
    expect(view.text).toBe(text);
    expect(view.log).toHaveLength(logged);
    expect([view.canRestart, view.canCopy]).toEqual([canRestart, canRestart]);
  });

  test("a start after a crash says so", () => {
    expect(starting(0, true).text).toBe(words.starting.again);
    const waiting = localView({ kind: "waiting", failure: FAILURE, retryAtMs: 9 }, null, LOG, 0);
    expect(waiting.text).toBe(words.starting.again);
  });
});

describe("a failure says what, where and what to do", () => {
  test.each([
    [64, /Install LlamaRunner Pro again/],
    [69, /in use by another program/],
    [73, /Make room/],
    [77, /Give yourself access/],
    [78, /Mend what is named below/],
  ])("exit code %i", (code, text) => {
    const view = failed({ code, said: "config.json: line 3" });
    expect(view.kind).toBe("failed");
    expect(view.text).toMatch(text);
    expect(view.detail).toBe("config.json: line 3");
    expect(view.log).toEqual(LOG);
    expect([view.canRestart, view.canCopy]).toEqual([true, true]);
  });

  test("each code has a title of its own", () => {
    const titles = [64, 69, 73, 77, 78, 1].map((code) => failed({ code }).title);
    expect(new Set(titles).size).toBe(6);
  });

  test("a missing program is named", () => {
    const view = failed({ code: null, cause: "missing", problem: "/opt/x/backend" });
    expect(view.title).toBe(words.failed.missing);
    expect(view.detail).toBe("/opt/x/backend");
  });

  test("one that never got ready, and one that is not ours", () => {
    expect(failed({ cause: "silent" }).title).toBe(words.failed.silent);
    expect(failed({ cause: "not-ours" }).title).toBe(words.failed.notOurs);
  });

  test("unknown ends tell code or signal, and that it was tried", () => {
    expect(failed({ code: 139, gaveUp: true }).text).toMatch(
      /^It was started five times.*code 139/,
    );
    expect(failed({ code: null, signal: "SIGSEGV" }).text).toContain("SIGSEGV");
    expect(failed({ code: null }).text).toContain("the system");
  });
});

test("trouble with the page is told while the sidecar runs", () => {
  expect(localView(RUNNING, "crashed", LOG, 0).title).toBe(words.failed.page);
  expect(localView(RUNNING, "not-loaded", LOG, 0).title).toBe(words.failed.load);
  expect(localView(RUNNING, null, LOG, 0).kind).toBe("starting");
});
