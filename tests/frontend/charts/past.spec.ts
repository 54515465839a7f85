import { describe, expect, it } from "vitest";

import { alone } from "../../../frontend/src/charts/overlays";
import { fillBand, fillPast, pastNear, summarisePast } from "../../../frontend/src/charts/past";
import type { Point } from "../../../frontend/src/charts/series";
import type { PastSeries } from "../../../frontend/src/stores/past";
import { T0 } from "../support/frames";
import { answer, pastSeries } from "../support/history";

const MINUTE = 60_000;

function series(...avg: (number | null)[]): PastSeries {
  const one = pastSeries("a", avg);
  return { ...one, tMs: answer([one]).t_ms, stepMs: MINUTE };
}

const ALL = { startMs: T0, endMs: T0 + 10 * MINUTE, pointsMax: 500 };

describe("buckets as points", () => {
  it("draws each bucket in its middle and breaks where one is empty", () => {
    const points: Point[] = [];
    expect(fillPast(series(5, null, 7), "avg", ALL, points)).toBe(7);
    expect(points.map(({ x }) => (x - T0) / MINUTE)).toEqual([0.5, 1.5, 2.5]);
    expect(points.map(({ y }) => y)).toEqual([5, Number.NaN, 7]);
  });

  it("shows the peaks when they are asked for, and the band from low to high", () => {
    const points: Point[] = [];
    expect(fillPast(series(5, 7), "max", ALL, points)).toBe(17);
    const [low, high]: [Point[], Point[]] = [[], []];
    expect(fillBand(series(5, 7), ALL, low, high)).toBe(17);
    expect([low.map(({ y }) => y), high.map(({ y }) => y)]).toEqual([
      [4, 6],
      [15, 17],
    ]);
  });

  it("leaves out what lies outside of the window", () => {
    const points: Point[] = [];
    const window = { ...ALL, startMs: T0 + MINUTE, endMs: T0 + 2 * MINUTE };
    fillPast(series(1, 2, 3, 4), "avg", window, points);
    expect(points.map(({ y }) => y)).toEqual([2, 3]);
  });

  it("empties what it is given when there is no past", () => {
    const points: Point[] = [{ x: 1, y: 1 }];
    expect(fillPast(undefined, "avg", ALL, points)).toBeNaN();
    expect(points).toEqual([]);
  });

  it("finds the bucket under a moment, and nothing in a hole", () => {
    const past = series(5, null, null, 8);
    expect(pastNear(past, "avg", T0 + 1, 0)).toBe(5);
    expect(pastNear(past, "max", T0 + 3.5 * MINUTE, 0)).toBe(18);
    expect(pastNear(past, "avg", T0 + 2 * MINUTE, 1_000)).toBeNaN();
  });

  it("weighs buckets by their samples", () => {
    const one = pastSeries("a", [10, 20], { count: [1, 3] });
    const past = { ...one, tMs: [T0, T0 + MINUTE], stepMs: MINUTE };
    expect(summarisePast(past, T0, T0 + 2 * MINUTE)).toEqual({
      latest: 20,
      low: 9,
      high: 30,
      mean: 17.5,
    });
    expect(summarisePast(series(null), T0, T0 + MINUTE)).toBeNull();
  });
});

describe("points without neighbours", () => {
  it("are found, for a line alone would not show them", () => {
    const points = [1, Number.NaN, 3, Number.NaN, 5, 6].map((y, x) => ({ x, y }));
    expect(alone(points).map(({ y }) => y)).toEqual([1, 3]);
  });
});
