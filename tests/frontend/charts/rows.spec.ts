import { describe, expect, it } from "vitest";

import { rowsOf, streamCsv, streamJson } from "../../../frontend/src/charts/rows";
import { streamSamples } from "../../../frontend/src/charts/samples";
import { cellsOf } from "../../../frontend/src/charts/useHeatMap";
import { SeriesTable } from "../../../frontend/src/stores/series";
import { T0 } from "../support/frames";

function table(...values: (number | null)[]): SeriesTable {
  const found = new SeriesTable(100);
  values.forEach((value, at) => {
    found.append(T0 + at * 1000, new Map([["a", value]]));
  });
  return found;
}

describe("the table of a chart", () => {
  it("has the newest first and what happened in between", () => {
    const marker = { tMs: T0 + 1500, tone: "fault", endpoint: "demo", text: "it died" } as const;
    const span = { fromMs: T0 - 1, toMs: T0 + 2000 };
    const rows = rowsOf(streamSamples(table(1, 2, 3)), ["a"], span, [marker]);
    expect(rows.map((row) => (row.kind === "values" ? row.values[0] : row.marker.text))).toEqual([
      3,
      "it died",
      2,
      1,
    ]);
  });

  it("leaves out moments without any value and events of other times", () => {
    const marker = { tMs: T0 - 99_999, tone: "note", endpoint: "", text: "long ago" } as const;
    const span = { fromMs: T0 - 60_000, toMs: T0 + 1000 };
    const rows = rowsOf(streamSamples(table(1, 2)), ["a"], span, [marker]);
    expect(rows.every((row) => row.kind === "values" && row.tMs > T0 - 1000)).toBe(true);
  });
});

describe("files made on the page", () => {
  it("have the columns of the sidecar's export, and nothing where nothing is known", () => {
    const csv = streamCsv(table(1.5, null), ["a"], { fromMs: T0, toMs: T0 + 5000 });
    const at = (ms: number) => `${new Date(ms).toISOString()},${String(ms)}`;
    expect(csv).toBe(
      `time,t_ms,a_avg,a_min,a_max,a_count\r\n${at(T0)},1.5,1.5,1.5,1\r\n${at(T0 + 1000)},,,,0\r\n`,
    );
  });

  it("quote names that hold a comma", () => {
    const span = { fromMs: T0, toMs: T0 };
    expect(streamCsv(table(), ["x,y"], span)).toContain('"x,y_avg"');
  });

  it("say the same as JSON", () => {
    const json: unknown = JSON.parse(
      streamJson(table(1, null), ["a"], { fromMs: T0, toMs: T0 + 1000 }),
    );
    expect(json).toMatchObject({ t_ms: [T0, T0 + 1000], series: [{ name: "a", avg: [1, null] }] });
  });
});

describe("cells of a heat map", () => {
  it("take the highest value and reach to the next sample, but not over a hole", () => {
    const points = [
      { x: 5, y: 10 },
      { x: 8, y: 30 },
      { x: 35, y: 20 },
      { x: 40, y: Number.NaN },
      { x: 95, y: 50 },
    ];
    const cells = cellsOf(points, { startMs: 0, endMs: 100 }, 10);
    expect([...cells].sort(([a], [b]) => a - b)).toEqual([
      [0, 30],
      [1, 30],
      [2, 30],
      [3, 20],
      [9, 50],
    ]);
  });
});
