/** Where a chart has its points from: the stream's ring, or buckets of the history. */
import type { PastSeries } from "../stores/past";
import type { Stat } from "../stores/preferences";
import type { SeriesTable } from "../stores/series";
import { fillBand, fillPast, pastNear, summarisePast } from "./past";
import { fillPoints, summarise, valueNear, type Point, type Summary, type Window } from "./series";

export interface Samples {
  /** Fill `points` with what is in the window; returns the highest value, NaN when none. */
  fill(name: string, window: Window, points: Point[]): number;
  /** The lowest and highest of each bucket; null where samples are no buckets. */
  readonly fillBand: ((name: string, window: Window, low: Point[], high: Point[]) => number) | null;
  summarise(name: string, startMs: number, endMs: number): Summary | null;
  /** The value nearest to a moment; NaN when none lies within `toleranceMs`. */
  valueNear(name: string, tMs: number, toleranceMs: number): number;
}

/** Samples as the stream brought them. */
export function streamSamples(table: SeriesTable): Samples {
  return {
    fill: (name, window, points) => fillPoints(table, name, window, points),
    fillBand: null,
    summarise: (name, startMs, endMs) => summarise(table, name, startMs, endMs),
    valueNear: (name, tMs, toleranceMs) => valueNear(table, name, tMs, toleranceMs),
  };
}

/** Buckets of the history, as their mean or as their highest sample. */
export function pastSamples(
  series: () => ReadonlyMap<string, PastSeries>,
  stat: () => Stat,
): Samples {
  return {
    fill: (name, window, points) => fillPast(series().get(name), stat(), window, points),
    fillBand: (name, window, low, high) => fillBand(series().get(name), window, low, high),
    summarise: (name, startMs, endMs) => summarisePast(series().get(name), startMs, endMs),
    valueNear: (name, tMs, toleranceMs) => pastNear(series().get(name), stat(), tMs, toleranceMs),
  };
}
