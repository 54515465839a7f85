/** From buckets of the history to points that can be drawn: pure. */
import type { PastSeries } from "../stores/past";
import type { Stat } from "../stores/preferences";
import type { WireNumber } from "../wire/frames";
import type { Point, Summary, Window } from "./series";

/** A bucket is drawn in its middle. */
function middleMs(series: PastSeries, row: number): number {
  return (series.tMs[row] ?? 0) + series.stepMs / 2;
}

/** Index of the first bucket that ends after `tMs`. */
function firstAfter(series: PastSeries, tMs: number): number {
  let low = 0;
  let high = series.tMs.length;
  while (low < high) {
    const half = (low + high) >>> 1;
    if ((series.tMs[half] ?? 0) + series.stepMs <= tMs) low = half + 1;
    else high = half;
  }
  return low;
}

function* rowsIn(series: PastSeries, startMs: number, endMs: number): Generator<number> {
  for (let row = firstAfter(series, startMs); row < series.tMs.length; row += 1) {
    if ((series.tMs[row] ?? 0) > endMs) return;
    yield row;
  }
}

/**
 * Fill `points` with one value for each bucket of the window; empty buckets break the line.
 * Returns the highest value, NaN when there is none.
 */
export function fillPast(
  series: PastSeries | undefined,
  stat: Stat,
  window: Window,
  points: Point[],
): number {
  if (series === undefined) {
    points.length = 0;
    return Number.NaN;
  }
  return fillOne(series, series[stat], window, points);
}

/** The same for the lowest and the highest sample of each bucket. */
export function fillBand(
  series: PastSeries | undefined,
  window: Window,
  low: Point[],
  high: Point[],
): number {
  if (series === undefined) {
    low.length = 0;
    high.length = 0;
    return Number.NaN;
  }
  fillOne(series, series.min, window, low);
  return fillOne(series, series.max, window, high);
}

function fillOne(
  series: PastSeries,
  values: readonly WireNumber[],
  window: Window,
  points: Point[],
): number {
  let peak = Number.NaN;
  let length = 0;
  for (const row of rowsIn(series, window.startMs, window.endMs)) {
    const y = values[row] ?? Number.NaN;
    // By index: Chart.js listens to what is pushed, and would count these points twice.
    const reused = points[length];
    if (reused === undefined) points[length] = { x: middleMs(series, row), y };
    else {
      reused.x = middleMs(series, row);
      reused.y = y;
    }
    length += 1;
    if (!Number.isNaN(y) && !(y <= peak)) peak = y;
  }
  points.length = length;
  return peak;
}

/** Over all samples of the window: each bucket counts as often as it has samples. */
export function summarisePast(
  series: PastSeries | undefined,
  startMs: number,
  endMs: number,
): Summary | null {
  if (series === undefined) return null;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let sum = 0;
  let count = 0;
  let latest = Number.NaN;
  for (const row of rowsIn(series, startMs, endMs)) {
    const mean = series.avg[row];
    if (mean === null || mean === undefined) continue;
    const weight = Math.max(1, series.count[row] ?? 1);
    low = Math.min(low, series.min[row] ?? mean);
    high = Math.max(high, series.max[row] ?? mean);
    sum += mean * weight;
    count += weight;
    latest = mean;
  }
  return count === 0 ? null : { latest, low, high, mean: sum / count };
}

/** The bucket in which a moment lies, or the nearest one within `toleranceMs`. */
export function pastNear(
  series: PastSeries | undefined,
  stat: Stat,
  tMs: number,
  toleranceMs: number,
): number {
  if (series === undefined) return Number.NaN;
  const row = firstAfter(series, tMs);
  let best = Number.NaN;
  let bestDistance = Math.max(toleranceMs, series.stepMs / 2);
  for (const near of [row, row - 1, row + 1]) {
    const value = series[stat][near];
    if (value === null || value === undefined) continue;
    const distance = Math.abs(middleMs(series, near) - tMs);
    if (distance > bestDistance) continue;
    bestDistance = distance;
    best = value;
  }
  return best;
}
