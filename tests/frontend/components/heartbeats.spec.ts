import { describe, expect, it } from "vitest";

import {
  describeBeat,
  describeBeats,
  layoutBeats,
  toneOf,
} from "../../../frontend/src/components/heartbeats";
import { beat, T0 } from "../support/frames";

const many = Array.from({ length: 60 }, (_, index) => beat({ t_ms: T0 + index }));

describe("toneOf", () => {
  it("follows the check's result and the state in which it was made", () => {
    expect(toneOf(beat())).toBe("good");
    expect(toneOf(beat({ state: "degraded" }))).toBe("warning");
    expect(toneOf(beat({ state: "loading" }))).toBe("busy");
    expect(toneOf(beat({ ok: false, state: "loading" }))).toBe("busy");
    expect(toneOf(beat({ ok: false, state: "offline" }))).toBe("bad");
  });
});

describe("layoutBeats", () => {
  it("puts the newest check at the right edge and older ones to its left", () => {
    const beats = layoutBeats(many.slice(0, 3), 200);
    const last = beats.at(-1);
    expect((last?.x ?? 0) + (last?.width ?? 0)).toBeCloseTo(200);
    expect(beats.map((one) => one.index)).toEqual([0, 1, 2]);
    expect(beats[0]?.x).toBeLessThan(beats[1]?.x ?? 0);
  });

  it("shows as many of the newest as there is room for", () => {
    const beats = layoutBeats(many, 100);
    expect(beats.length).toBeLessThan(20);
    expect(beats.at(-1)?.index).toBe(59);
    expect(beats[0]?.x).toBeGreaterThanOrEqual(0);
  });

  it("lets a failed check stand taller, so that it is not told by colour alone", () => {
    const [good, bad] = layoutBeats([beat(), beat({ ok: false, state: "offline" })], 100);
    expect(bad?.height).toBeGreaterThan(good?.height ?? 1);
  });
});

describe("the text alternative", () => {
  it("counts the failed checks", () => {
    expect(describeBeats("demo", [])).toBe("demo: No checks yet");
    expect(describeBeats("demo", many)).toBe("demo: the last 60 checks passed");
    const failed = beat({ ok: false, state: "offline" });
    expect(describeBeats("demo", [beat(), failed])).toBe("demo: 1 of the last 2 checks failed");
  });

  it("tells one check's time, state, response and reason", () => {
    const words = describeBeat(beat({ ok: false, state: "offline", reason: "no answer" }));
    expect(words).toMatch(/^\d\d:\d\d:\d\d · Offline · 3\sms · no answer$/);
    expect(describeBeat(beat({ response_ms: null }))).toMatch(/· Online$/);
  });
});
