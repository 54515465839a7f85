import { describe, expect, it } from "vitest";

import { fillPoints, summarise, valueNear, type Point } from "../../../frontend/src/charts/series";
import { SeriesTable } from "../../../frontend/src/stores/series";
import { T0 } from "../support/frames";

function tableOf(values: readonly (number | null)[], stepS = 1): SeriesTable {
  const table = new SeriesTable(2000);
  values.forEach((value, index) => {
    table.append(T0 + index * stepS * 1000, new Map([["a", value]]));
  });
  return table;
}

function points(table: SeriesTable, pointsMax = 500, seconds = 900): Point[] {
  const found: Point[] = [];
  const endMs = table.lastMs;
  fillPoints(table, "a", { startMs: endMs - seconds * 1000, endMs, pointsMax }, found);
  return found;
}

describe("fillPoints", () => {
  it("draws each sample where there is room, and breaks the line where one is missing", () => {
    expect(points(tableOf([1, null, 3])).map((point) => point.y)).toEqual([1, Number.NaN, 3]);
  });

  it("breaks the line over a hole between samples", () => {
    const table = tableOf([1, 2, 3]);
    table.append(T0 + 60_000, new Map([["a", 9]]));
    table.append(T0 + 61_000, new Map([["a", 9]]));
    expect(points(table).map((point) => point.y)).toEqual([1, 2, 3, Number.NaN, 9, 9]);
  });

  it("takes in the sample just before the window, so that the line begins at its edge", () => {
    const found = points(tableOf([0, 1, 2, 3, 4, 5]), 500, 2);
    expect(found.map((point) => point.y)).toEqual([2, 3, 4, 5]);
  });

  it("keeps a short peak when there are more samples than points", () => {
    const values = Array.from({ length: 900 }, (_, index) => (index === 437 ? 99 : index % 3));
    const found = points(tableOf(values), 100);
    expect(found.length).toBeLessThanOrEqual(2 * 100);
    expect(Math.max(...found.map((point) => point.y))).toBe(99);
    const xs = found.map((point) => point.x);
    expect(xs).toEqual([...xs].sort((a, b) => a - b));
  });

  it("keeps gaps when there are more samples than points", () => {
    const values = Array.from({ length: 900 }, (_, index) =>
      index > 400 && index < 500 ? null : 5,
    );
    expect(points(tableOf(values), 100).some((point) => Number.isNaN(point.y))).toBe(true);
  });

  it("uses the same objects again and forgets what is too many", () => {
    const pool: Point[] = [];
    const window = { startMs: T0, endMs: T0 + 9000, pointsMax: 100 };
    fillPoints(tableOf([1, 2, 3]), "a", window, pool);
    const [first] = pool;
    expect(fillPoints(tableOf([7]), "a", window, pool)).toBe(7);
    expect(pool).toHaveLength(1);
    expect(pool[0]).toBe(first);
  });

  it("has no highest value where there is none", () => {
    const window = { startMs: T0, endMs: T0 + 9000, pointsMax: 100 };
    expect(fillPoints(tableOf([null]), "a", window, [])).toBeNaN();
  });
});

describe("summarise", () => {
  it("tells latest, bounds and mean of the window", () => {
    const table = tableOf([50, 1, null, 3, 2]);
    expect(summarise(table, "a", T0 + 1000, T0 + 9000)).toEqual({
      latest: 2,
      low: 1,
      high: 3,
      mean: 2,
    });
  });

  it("tells nothing about nothing", () => {
    expect(summarise(tableOf([null]), "a", T0, T0 + 9)).toBeNull();
    expect(summarise(tableOf([1]), "b", T0, T0 + 9)).toBeNull();
  });
});

describe("valueNear", () => {
  it("is the nearest sample within reach", () => {
    const table = tableOf([10, 20, 30]);
    expect(valueNear(table, "a", T0 + 1400, 1000)).toBe(20);
    expect(valueNear(table, "a", T0 + 1600, 1000)).toBe(30);
    expect(valueNear(table, "a", T0 + 9000, 1000)).toBeNaN();
  });
});
