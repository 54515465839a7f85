import { describe, expect, it } from "vitest";

import {
  niceMax,
  steadyMax,
  timeLabel,
  timeTicks,
  valueTicks,
} from "../../../frontend/src/charts/axes";

const MIB = 1024 ** 2;
/** A whole quarter of an hour, so that steps are easy to count. */
const END = 1_700_000_100_000;

describe("timeTicks", () => {
  it("stand at whole steps and have room for their labels", () => {
    const ticks = timeTicks(END - 900_000, END, 400);
    expect(ticks.length).toBeGreaterThan(1);
    expect(ticks.length).toBeLessThanOrEqual(6);
    for (const tick of ticks) expect(tick % 60_000).toBe(0);
  });

  it("come closer on a wider chart", () => {
    const few = timeTicks(END - 900_000, END, 250).length;
    expect(timeTicks(END - 900_000, END, 1200).length).toBeGreaterThan(few);
  });

  it("keep their distance where the text is larger, as on a 4K screen", () => {
    const usual = timeTicks(END - 60_000, END, 500).length;
    document.documentElement.style.fontSize = "24px";
    const large = timeTicks(END - 60_000, END, 500);
    document.documentElement.style.fontSize = "";
    // Eight figures of 16.5 px need 80 px and some air.
    expect(large.length).toBeLessThan(usual);
    expect(500 / (large.length - 1)).toBeGreaterThanOrEqual(96);
  });

  it("show seconds only where the range is short", () => {
    expect(timeLabel(END, 60_000)).toMatch(/^\d\d:\d\d:\d\d$/);
    expect(timeLabel(END, 900_000)).toMatch(/^\d\d:\d\d$/);
  });
});

describe("niceMax", () => {
  it.each([
    [3.2, false, 4],
    [41, false, 50],
    [0, false, 10],
    [Number.NaN, false, 10],
    [880, false, 1000],
    [1000, false, 2000],
    [2.1 * MIB, true, 4 * MIB],
    [500 * 1024, true, MIB],
    [70 * MIB, true, 100 * MIB],
  ])("for a peak of %d (binary: %s) is %d", (peak, binary, expected) => {
    expect(niceMax(peak, binary, expected === 4 ? 1 : 10)).toBe(expected);
  });

  it("leaves room above the peak", () => {
    expect(niceMax(10, false, 1)).toBeGreaterThan(10);
  });
});

describe("steadyMax", () => {
  it("grows at once and shrinks only when most of the axis is empty", () => {
    expect(steadyMax(null, 10, 8)).toBe(10);
    expect(steadyMax(10, 50, 40)).toBe(50);
    expect(steadyMax(50, 40, 30)).toBe(50);
    expect(steadyMax(50, 20, 15)).toBe(20);
  });
});

describe("valueTicks", () => {
  it("are bottom, middle and top", () => {
    expect(valueTicks(100)).toEqual([0, 50, 100]);
  });
});
