import { describe, expect, it } from "vitest";

import { SeriesTable } from "../../../frontend/src/stores/series";
import { T0 } from "../support/frames";

function rows(table: SeriesTable, name = "a"): [number, number][] {
  return Array.from({ length: table.length }, (_, row) => [
    (table.timeAt(row) - T0) / 1000,
    table.valueAt(name, row),
  ]);
}

function row(value: number | null, name = "a"): Map<string, number | null> {
  return new Map([[name, value]]);
}

function filled(times: readonly number[], capacity = 100): SeriesTable {
  const table = new SeriesTable(capacity);
  for (const t of times) table.append(T0 + t * 1000, row(t));
  return table;
}

describe("SeriesTable", () => {
  it("keeps the newest rows when it is full", () => {
    expect(rows(filled([0, 1, 2, 3, 4], 3))).toEqual([
      [2, 2],
      [3, 3],
      [4, 4],
    ]);
  });

  it("keeps what is missing as NaN, also for fields that come later", () => {
    const table = filled([0]);
    table.append(T0 + 1000, row(null));
    table.append(T0 + 2000, row(7, "b"));
    expect(rows(table)).toEqual([
      [0, 0],
      [1, Number.NaN],
      [2, Number.NaN],
    ]);
    expect(rows(table, "b").map(([, value]) => value)).toEqual([Number.NaN, Number.NaN, 7]);
    expect(table.has("c")).toBe(false);
    expect(table.valueAt("c", 0)).toBeNaN();
  });

  it("does not leave an old value behind in a slot that it uses again", () => {
    const table = filled([0, 1], 2);
    table.append(T0 + 2000, row(5, "b"));
    expect(table.valueAt("a", 1)).toBeNaN();
  });

  it("takes the same sample once", () => {
    const table = filled([0, 1]);
    table.append(T0 + 1000, row(99));
    expect(rows(table)).toHaveLength(2);
  });

  it("drops what lies in the future after the clock was set back", () => {
    const table = filled([0, 1, 2, 3]);
    table.append(T0 + 1500, row(8));
    expect(rows(table)).toEqual([
      [0, 0],
      [1, 1],
      [1.5, 8],
    ]);
  });

  it("finds the first row at or after a moment", () => {
    const table = filled([0, 1, 2, 3, 4], 3);
    expect(table.firstAtOrAfter(T0)).toBe(0);
    expect(table.firstAtOrAfter(T0 + 2500)).toBe(1);
    expect(table.firstAtOrAfter(T0 + 9000)).toBe(3);
  });
});

describe("merging history", () => {
  function merged(live: readonly number[], past: readonly number[]): SeriesTable {
    const table = filled(live);
    table.merge({
      tMs: past.map((t) => T0 + t * 1000),
      columns: new Map([["a", past.map((t) => t + 100)]]),
    });
    return table;
  }

  it("fills a hole in the middle and keeps what was seen live", () => {
    expect(rows(merged([0, 1, 4], [1, 2, 3]))).toEqual([
      [0, 0],
      [1, 1],
      [2, 102],
      [3, 103],
      [4, 4],
    ]);
  });

  it("puts older samples in front", () => {
    expect(rows(merged([5], [3, 4])).map(([t]) => t)).toEqual([3, 4, 5]);
  });

  it("keeps the newest when both together are too many", () => {
    const table = filled([8, 9], 3);
    table.merge({ tMs: [T0, T0 + 7000], columns: new Map([["a", [0, 7]]]) });
    expect(rows(table).map(([t]) => t)).toEqual([7, 8, 9]);
  });

  it("brings in columns that were not known", () => {
    const table = filled([1]);
    table.merge({ tMs: [T0], columns: new Map([["b", [4]]]) });
    expect(rows(table, "b")).toEqual([
      [0, 4],
      [1, Number.NaN],
    ]);
  });
});

describe("breaks and holes", () => {
  it("breaks every line after the last row, and not in an empty table", () => {
    const table = filled([0]);
    table.appendBreak();
    table.append(T0 + 1000, row(1));
    expect(rows(table).map(([, value]) => value)).toEqual([0, Number.NaN, 1]);
    const empty = new SeriesTable(2);
    empty.appendBreak();
    expect(empty.length).toBe(0);
  });

  it("sees a hole where samples are much farther apart than around it", () => {
    const table = filled([0, 1, 2, 32, 33]);
    expect([1, 2, 3, 4].map((index) => table.isHoleBefore(index))).toEqual([
      false,
      false,
      true,
      false,
    ]);
  });

  it("takes the slow lane of 10 s for what it is", () => {
    const table = filled([0, 10, 20, 21, 22, 32]);
    const holes = Array.from({ length: 6 }, (_, index) => table.isHoleBefore(index));
    expect(holes).not.toContain(true);
  });
});
