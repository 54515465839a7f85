import { flushPromises } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { effectScope, type EffectScope } from "vue";

import { chunksOf, usePastStore } from "../../../frontend/src/stores/past";
import { usePastFeed } from "../../../frontend/src/stores/pastFeed";
import { usePreferencesStore } from "../../../frontend/src/stores/preferences";
import { useSessionStore } from "../../../frontend/src/stores/session";
import { useTimeframeStore } from "../../../frontend/src/stores/timeframe";
import { setHidden } from "../support/dom";
import { FakeApi } from "../support/fakeApi";
import { answer, pastSeries, stats } from "../support/history";
import { freshStores } from "../support/mountPart";

const PAST = "/api/history";

let api: FakeApi;
let scope: EffectScope;

beforeEach(async () => {
  vi.useFakeTimers();
  setHidden(false);
  freshStores();
  api = new FakeApi();
  api.answer("/api/history/stats", { body: stats() });
  api.answer(PAST, { body: answer([pastSeries("a", [1]), pastSeries("b", [2])]) });
  useSessionStore().link = { phase: "open" };
  scope = effectScope();
  scope.run(usePastFeed);
  await settle(0);
});

afterEach(() => {
  scope.stop();
  vi.useRealTimers();
});

async function settle(ms: number): Promise<void> {
  await flushPromises();
  await vi.advanceTimersByTimeAsync(ms);
  await flushPromises();
}

function draw(name: string, isInView = true): symbol {
  const chart = Symbol(name);
  usePastStore().wish(chart, { names: [name], widthPx: 380, isInView });
  return chart;
}

function asked(): URLSearchParams[] {
  return api.asked
    .filter((one) => one.path.startsWith(`${PAST}?`))
    .map((one) => new URLSearchParams(one.path.slice(PAST.length)));
}

async function show(rangeS: 3_600 | 86_400): Promise<void> {
  usePreferencesStore().rangeS = rangeS;
  await settle(100);
}

describe("the feed of the past", () => {
  it("asks nothing while the stream has it all", async () => {
    draw("a");
    await settle(60_000);
    expect(asked()).toEqual([]);
  });

  it("asks once for all charts in view, with points for the widest", async () => {
    draw("a");
    draw("b");
    draw("c", false);
    await show(86_400);
    expect(asked().map((one) => [one.get("series"), one.get("points")])).toEqual([["a,b", "400"]]);
    const { series } = usePastStore();
    expect([...series.keys()]).toEqual(["a", "b"]);
  });

  it("fetches what is scrolled into view, for the same time", async () => {
    draw("a");
    await show(86_400);
    draw("c");
    await settle(100);
    const [first, second] = asked();
    expect(second?.get("series")).toBe("c");
    expect(second?.get("from")).toBe(first?.get("from"));
  });

  it("asks again when a bucket has passed, but not more often than a minute asks for", async () => {
    draw("a");
    await show(86_400);
    await settle(59_000);
    expect(asked()).toHaveLength(1);
    await settle(2_000);
    expect(asked()).toHaveLength(2);
  });

  it("rests while the page is hidden, and catches up when it is shown", async () => {
    draw("a");
    await show(86_400);
    setHidden(true);
    await settle(300_000);
    expect(asked()).toHaveLength(1);
    setHidden(false);
    await settle(100);
    expect(asked()).toHaveLength(2);
  });

  it("drops the answer to a range that is no longer wanted", async () => {
    draw("a");
    let late: (body: { body: unknown }) => void = () => undefined;
    api.answer(PAST, new Promise((resolve) => (late = resolve)));
    await show(86_400);
    api.answer(PAST, { body: answer([pastSeries("a", [7])]) });
    await show(3_600);
    late({ body: answer([pastSeries("a", [99])]) });
    await settle(0);
    expect(usePastStore().series.get("a")?.avg).toEqual([7]);
  });

  it("keeps what it has when a refresh fails, and says what is wrong", async () => {
    draw("a");
    await show(86_400);
    const body = {
      code: "store_unreachable",
      title: "No answer",
      detail: "The store is away",
      hint: "Start it",
      problems: [],
    };
    api.answer(PAST, { status: 503, body });
    await settle(61_000);
    const past = usePastStore();
    expect(past.series.get("a")?.avg).toEqual([1]);
    expect(past.problem).toEqual({
      code: "store_unreachable",
      title: "The store is away",
      hint: "Start it",
    });
    api.answer(PAST, { body: answer([pastSeries("a", [3])]) });
    await settle(61_000);
    expect(past.problem).toBeNull();
  });

  it("asks nothing of a history that is switched off, and says so", async () => {
    const off = stats({ available: false, reason: "history is off" });
    api.answer("/api/history/stats", { body: off });
    await usePastStore().loadStats();
    draw("a");
    await show(86_400);
    expect(asked()).toEqual([]);
    expect(usePastStore().problem?.code).toBe("history_off");
  });

  it("shows nothing of one host on the charts of another", async () => {
    draw("a");
    const timeframe = useTimeframeStore();
    timeframe.host = "one";
    await settle(100);
    expect(asked().at(-1)?.get("host")).toBe("one");
    timeframe.host = "two";
    expect(usePastStore().series.size).toBe(0);
  });
});

describe("many series", () => {
  it("are asked for in parts that the sidecar takes", () => {
    const names = Array.from({ length: 130 }, (_, at) => String(at));
    expect(chunksOf(names).map((part) => part.length)).toEqual([64, 64, 2]);
  });
});
