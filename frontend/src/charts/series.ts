/** From rings to points that can be drawn: pure, and without garbage from tick to tick. */
import type { SeriesTable } from "../stores/series";

export interface Point {
  x: number;
  y: number;
}

export interface Window {
  readonly startMs: number;
  readonly endMs: number;
  /** About how many points are worth drawing on this width. */
  readonly pointsMax: number;
}

/**
 * Fill `points` with one field's samples in the window, reusing the objects that are there.
 *
 * Where samples are missing there is a point with NaN, so that the line breaks. When there are
 * more samples than points, each stretch of time keeps its lowest and its highest sample: a
 * short peak stays visible. Returns the highest value, NaN when there is none.
 */
export function fillPoints(
  table: SeriesTable,
  name: string,
  window: Window,
  points: Point[],
): number {
  const first = Math.max(0, table.firstAtOrAfter(window.startMs) - 1);
  const writer = new PointWriter(points);
  const rows = table.length - first;
  if (rows <= window.pointsMax) fillAll(table, name, first, window.endMs, writer);
  else fillExtremes(table, name, first, window, writer);
  writer.finish();
  return writer.peak;
}

function fillAll(
  table: SeriesTable,
  name: string,
  first: number,
  endMs: number,
  writer: PointWriter,
): void {
  for (let row = first; row < table.length; row += 1) {
    const t = table.timeAt(row);
    if (t > endMs) return;
    if (row > first && table.isHoleBefore(row)) writer.write(t - 1, Number.NaN);
    writer.write(t, table.valueAt(name, row));
  }
}

function fillExtremes(
  table: SeriesTable,
  name: string,
  first: number,
  window: Window,
  writer: PointWriter,
): void {
  // Buckets are aligned to absolute time: the same samples share a bucket tick after tick, and
  // the line moves without shimmering.
  const bucketMs = (window.endMs - window.startMs) / Math.max(1, Math.floor(window.pointsMax / 2));
  const bucket = new Bucket();
  for (let row = first; row < table.length; row += 1) {
    const t = table.timeAt(row);
    if (t > window.endMs) break;
    const value = table.valueAt(name, row);
    const isHole = row > first && table.isHoleBefore(row);
    const index = Math.floor(t / bucketMs);
    if (isHole || Number.isNaN(value) || index !== bucket.index) bucket.flush(writer);
    if (isHole) writer.write(t - 1, Number.NaN);
    if (Number.isNaN(value)) writer.write(t, Number.NaN);
    else bucket.add(index, t, value);
  }
  bucket.flush(writer);
}

class Bucket {
  index = Number.NaN;
  #count = 0;
  #low = { x: 0, y: 0 };
  #high = { x: 0, y: 0 };

  add(index: number, x: number, y: number): void {
    this.index = index;
    if (this.#count === 0 || y < this.#low.y) this.#low = { x, y };
    if (this.#count === 0 || y > this.#high.y) this.#high = { x, y };
    this.#count += 1;
  }

  flush(writer: PointWriter): void {
    if (this.#count === 0) return;
    this.#count = 0;
    const [a, b] = this.#low.x <= this.#high.x ? [this.#low, this.#high] : [this.#high, this.#low];
    writer.write(a.x, a.y);
    if (b.x !== a.x) writer.write(b.x, b.y);
  }
}

class PointWriter {
  peak = Number.NaN;
  readonly #points: Point[];
  #length = 0;

  constructor(points: Point[]) {
    this.#points = points;
  }

  write(x: number, y: number): void {
    const reused = this.#points[this.#length];
    if (reused === undefined) this.#points[this.#length] = { x, y };
    else {
      reused.x = x;
      reused.y = y;
    }
    this.#length += 1;
    if (!Number.isNaN(y) && !(y <= this.peak)) this.peak = y;
  }

  finish(): void {
    this.#points.length = this.#length;
  }
}

export interface Summary {
  readonly latest: number;
  readonly low: number;
  readonly high: number;
  readonly mean: number;
}

/** What a chart shows, in four numbers; null when there is nothing in the window. */
export function summarise(
  table: SeriesTable,
  name: string,
  startMs: number,
  endMs: number,
): Summary | null {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let sum = 0;
  let count = 0;
  let latest = Number.NaN;
  for (let row = table.firstAtOrAfter(startMs); row < table.length; row += 1) {
    if (table.timeAt(row) > endMs) break;
    const value = table.valueAt(name, row);
    if (Number.isNaN(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
    sum += value;
    count += 1;
    latest = value;
  }
  return count === 0 ? null : { latest, low, high, mean: sum / count };
}

/** The sample nearest to a moment; NaN when none lies within `toleranceMs`. */
export function valueNear(
  table: SeriesTable,
  name: string,
  tMs: number,
  toleranceMs: number,
): number {
  const after = table.firstAtOrAfter(tMs);
  let best = Number.NaN;
  let bestDistance = toleranceMs;
  for (const row of [after - 1, after]) {
    if (row < 0 || row >= table.length) continue;
    const distance = Math.abs(table.timeAt(row) - tMs);
    if (distance > bestDistance) continue;
    bestDistance = distance;
    best = table.valueAt(name, row);
  }
  return best;
}
