import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { useMetricsStore } from "../../../frontend/src/stores/metrics";
import { field, FIELDS, hello, snapshot, T0, tick } from "../support/frames";
import { freshStores } from "../support/mountPart";

let frames: FrameRequestCallback[];
let metrics: ReturnType<typeof useMetricsStore>;

function paint(): void {
  for (const callback of frames.splice(0)) callback(0);
}

beforeEach(() => {
  frames = [];
  vi.stubGlobal("requestAnimationFrame", (callback: FrameRequestCallback) => frames.push(callback));
  freshStores();
  metrics = useMetricsStore();
});

afterEach(() => {
  vi.unstubAllGlobals();
});

function connect(): void {
  metrics.takeHello(hello({ absent: { gpu: "no driver" } }), false);
  metrics.takeSnapshot(
    snapshot({
      history: { t_ms: [T0 - 2000, T0 - 1000, T0], columns: { 0: [10, null, 12] } },
    }),
  );
}

describe("samples", () => {
  it("of the last 15 minutes are there with the snapshot", () => {
    connect();
    paint();
    const values = [0, 1, 2].map((row) => metrics.table.valueAt("cpu_usage_pct", row));
    expect(values).toEqual([10, Number.NaN, 12]);
    expect(metrics.table.length).toBe(3);
    expect(metrics.latest("cpu_usage_pct")).toBe(12);
    expect(metrics.endMs()).toBe(T0);
  });

  it("that did not change in a tick keep their value in its row", () => {
    connect();
    metrics.takeTick(tick(11, { 0: 30 }));
    metrics.takeTick(tick(12, { 1: 60 }));
    paint();
    expect(metrics.latest("cpu_usage_pct")).toBe(30);
    expect(metrics.table.valueAt("cpu_usage_pct", metrics.table.length - 1)).toBe(30);
    expect(metrics.latest("memory_usage_pct")).toBe(60);
  });

  it("become missing by a null, and by a full tick that does not name them", () => {
    connect();
    metrics.takeTick(tick(11, { 0: null }));
    paint();
    expect(metrics.latest("cpu_usage_pct")).toBeNull();
    metrics.takeTick(tick(12, { 0: 5 }, { full: true }));
    paint();
    expect(metrics.latest("memory_usage_pct")).toBeNull();
  });

  it("of numbers that nobody declared are passed over", () => {
    connect();
    metrics.takeTick(tick(11, { 99: 1 }));
    expect(metrics.table.length).toBe(4);
  });

  it("many in one frame make one redraw", () => {
    connect();
    paint();
    const before = metrics.shownVersion;
    for (const seq of [11, 12, 13]) metrics.takeTick(tick(seq, { 0: seq }));
    expect(frames).toHaveLength(1);
    paint();
    expect(metrics.shownVersion).toBe(before + 1);
  });
});

describe("pausing", () => {
  it("holds what is shown and counts what comes in", () => {
    connect();
    paint();
    metrics.pause();
    metrics.takeTick(tick(11, { 0: 77 }));
    metrics.takeTick(tick(12, { 0: 78 }));
    paint();
    expect(metrics.latest("cpu_usage_pct")).toBe(12);
    expect(metrics.endMs()).toBe(T0);
    expect(metrics.heldSamples).toBe(2);
  });

  it("loses no sample: going live shows them all at once", () => {
    connect();
    metrics.pause();
    metrics.takeTick(tick(11, { 0: 77 }));
    metrics.resume();
    expect(metrics.latest("cpu_usage_pct")).toBe(77);
    expect(metrics.table.length).toBe(4);
    expect(metrics.heldSamples).toBe(0);
  });

  it("does not draw a frame that was asked for just before", () => {
    connect();
    const before = metrics.shownVersion;
    metrics.pause();
    paint();
    expect(metrics.shownVersion).toBe(before);
  });
});

describe("another sidecar", () => {
  it("keeps what was drawn, with a break, and speaks of fields by its own numbers", () => {
    connect();
    const renumbered = FIELDS.map((one) => field(one.id + 40, one.name, one.group));
    metrics.takeHello(hello({ instance: "second", fields: renumbered }), true);
    metrics.takeSnapshot(snapshot({ t_ms: T0 + 9000, values: { 40: 21 } }));
    paint();
    const values = Array.from({ length: metrics.table.length }, (_, row) =>
      metrics.table.valueAt("cpu_usage_pct", row),
    );
    expect(values).toEqual([10, Number.NaN, 12, Number.NaN, 21]);
    expect(metrics.latest("cpu_usage_pct")).toBe(21);
  });
});

describe("the catalogue", () => {
  it("names fields by group and says why others are missing", () => {
    connect();
    expect(metrics.namesOf("network")).toHaveLength(2);
    expect(metrics.reasonFor("gpu0_utilization_pct", "gpu")).toBe("no driver");
    expect(metrics.reasonFor("cpu_usage_pct", "cpu")).toBeNull();
  });

  it("changes as a whole when the server says so", () => {
    connect();
    const fields = [field(9, "model/demo/generation_tokens_per_s", "model")];
    metrics.takeCatalogue({ type: "fields", fields, absent: {} });
    expect(metrics.namesOf("cpu")).toEqual([]);
    expect(metrics.namesOf("model")).toEqual(["model/demo/generation_tokens_per_s"]);
  });
});
