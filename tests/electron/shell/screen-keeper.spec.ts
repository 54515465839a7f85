import { beforeEach, describe, expect, test } from "vitest";

import type { LocalView } from "../../../electron/src/shell/local-view";
import { ABSENCE_MS } from "../../../electron/src/shell/screen";
import { ScreenKeeper } from "../../../electron/src/shell/screen-keeper";
import { words } from "../../../electron/src/shell/words";
import type { Failure, SidecarState } from "../../../electron/src/sidecar/state";
import { FakeClock } from "../support/fake-clock";

const LOCAL = "data:text/html,local";
const ORIGIN = "http://127.0.0.1:8585";
const FAILURE: Failure = {
  ...{ code: 1, signal: null, cause: "exit", problem: "", said: "", gaveUp: false },
};

let clock: FakeClock;
let loaded: string[];
let address: string;
let told: LocalView[];
let keeper: ScreenKeeper;

beforeEach(() => {
  clock = new FakeClock();
  loaded = [];
  address = "";
  told = [];
  keeper = new ScreenKeeper({
    window: {
      load: (url) => {
        loaded.push(url);
        address = url;
      },
      url: () => address,
      tell: (view) => told.push(view),
    },
    localPage: LOCAL,
    clock,
    log: () => ["a line"],
  });
});

function starting(again = false): SidecarState {
  return { kind: "starting", sinceMs: clock.nowMs(), again };
}

function running(origin = ORIGIN): SidecarState {
  return { kind: "running", origin, version: "1", degraded: [] };
}

const waiting: SidecarState = { kind: "waiting", failure: FAILURE, retryAtMs: 0 };
const failed: SidecarState = { kind: "failed", failure: FAILURE };

test("it starts with the shell's own page and goes on to the dashboard", () => {
  keeper.update(starting());
  expect(loaded).toEqual([LOCAL]);
  keeper.update(running());
  expect(loaded).toEqual([LOCAL, `${ORIGIN}/`]);
  keeper.update(running());
  expect(loaded).toHaveLength(2);
});

test("the words on the shell's own page change while time passes", () => {
  keeper.update(starting());
  const texts = () => new Set(told.map((view) => view.text));
  expect(texts()).toEqual(new Set([words.starting.first]));
  clock.pass(61_000);
  const { first, still, long, veryLong } = words.starting;
  expect(texts()).toEqual(new Set([first, still, long, veryLong]));
  expect(loaded).toEqual([LOCAL]);
});

describe("when the sidecar is away for a moment", () => {
  beforeEach(() => {
    keeper.update(starting());
    keeper.update(running());
    address = `${ORIGIN}/endpoints?x=1`;
    loaded = [];
    keeper.update(waiting);
  });

  test("the dashboard stays and reconnects by itself", () => {
    clock.pass(500);
    keeper.update(starting(true));
    keeper.update(running());
    clock.pass(60_000);
    expect(loaded).toEqual([]);
  });

  test("another port brings the dashboard from there, at the same place", () => {
    keeper.update(starting(true));
    keeper.update(running("http://127.0.0.1:9000"));
    expect(loaded).toEqual(["http://127.0.0.1:9000/endpoints?x=1"]);
  });

  test("after some seconds the shell's own page says what is going on", () => {
    clock.pass(ABSENCE_MS - 1);
    expect(loaded).toEqual([]);
    clock.pass(1);
    expect(loaded).toEqual([LOCAL]);
    keeper.update(running());
    expect(loaded).toEqual([LOCAL, `${ORIGIN}/endpoints?x=1`]);
  });

  test("giving up is shown at once", () => {
    keeper.update(failed);
    expect(loaded).toEqual([LOCAL]);
    expect(keeper.view().kind).toBe("failed");
  });

  test("several short absences do not add up", () => {
    for (let nth = 0; nth < 5; nth += 1) {
      clock.pass(ABSENCE_MS - 100);
      keeper.update(running());
      keeper.update(waiting);
    }
    expect(loaded).toEqual([]);
  });
});

describe("trouble with the page", () => {
  beforeEach(() => {
    keeper.update(starting());
    keeper.update(running());
    address = `${ORIGIN}/logs`;
    loaded = [];
  });

  test("a crash loads it again once, and is explained the second time", () => {
    keeper.crashed();
    expect(loaded).toEqual([`${ORIGIN}/logs`]);
    keeper.crashed();
    expect(loaded.at(-1)).toBe(LOCAL);
    expect(keeper.view().title).toBe(words.failed.page);
    expect(keeper.mend()).toBe(true);
    expect(loaded.at(-1)).toBe(`${ORIGIN}/logs`);
    expect(keeper.view().kind).toBe("starting");
  });

  test("a page that can be shown by no means is not tried without end", () => {
    for (let nth = 0; nth < 50; nth += 1) keeper.crashed();
    expect(loaded.length).toBeLessThan(5);
    clock.pass(61_000);
    const before = loaded.length;
    expect(before).toBeGreaterThan(2);
    for (let nth = 0; nth < 50; nth += 1) keeper.crashed();
    expect(loaded.length - before).toBeLessThan(5);
  });

  test("crashes that lie far apart are each the first", () => {
    keeper.crashed();
    clock.pass(61_000);
    keeper.crashed();
    expect(loaded).not.toContain(LOCAL);
  });

  test("a page that does not load is tried three times", () => {
    keeper.loadFailed();
    clock.pass(1000);
    keeper.loadFailed();
    clock.pass(1000);
    expect(loaded).toHaveLength(2);
    keeper.loadFailed();
    expect(loaded.at(-1)).toBe(LOCAL);
    expect(keeper.view().title).toBe(words.failed.load);
  });

  test("a page that loads in between has its tries again", () => {
    for (let nth = 0; nth < 6; nth += 1) {
      keeper.loadFailed();
      clock.pass(1000);
      keeper.loaded();
    }
    expect(loaded).not.toContain(LOCAL);
  });

  test("trouble is over when the sidecar begins anew", () => {
    keeper.crashed();
    keeper.crashed();
    keeper.update(starting(true));
    keeper.update(running());
    expect(loaded.at(-1)).toBe(`${ORIGIN}/logs`);
  });

  test("without trouble there is nothing to mend", () => {
    expect(keeper.mend()).toBe(false);
  });
});

test("a link goes to its page, also when there is no dashboard yet", () => {
  keeper.update(starting());
  keeper.goTo("/gateway");
  expect(loaded).toEqual([LOCAL]);
  keeper.update(running());
  expect(loaded.at(-1)).toBe(`${ORIGIN}/gateway`);
  keeper.goTo("/logs");
  expect(loaded.at(-1)).toBe(`${ORIGIN}/logs`);
});

test("while it stops, the window keeps what it shows", () => {
  keeper.update(starting());
  keeper.update(running());
  loaded = [];
  keeper.update({ kind: "stopping" });
  keeper.update({ kind: "stopped", byUs: true });
  clock.pass(60_000);
  expect(loaded).toEqual([]);
});
