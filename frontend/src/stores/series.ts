/** Samples of the last 15 minutes: typed arrays, outside Vue's reactivity. */
import type { WireNumber } from "../wire/frames";

export type Columns = ReadonlyMap<string, ArrayLike<WireNumber>>;

/** One stretch of samples between two points in time, by column. */
export interface Stretch {
  readonly tMs: ArrayLike<number>;
  readonly columns: Columns;
}

/** The slow lane samples every 10 s: a pause up to this long is no hole. */
const QUIET_MS = 12_000;
/** Two samples closer than this are one: history and ticks overlap after a resume. */
const SAME_SAMPLE_MS = 2;

/**
 * A table of samples with one time column and one column per field, all of the same capacity.
 *
 * Rows are in order of time. Missing values are NaN. When it is full, the oldest row goes.
 */
export class SeriesTable {
  readonly capacity: number;
  #head = 0;
  #length = 0;
  readonly #times: Float64Array;
  readonly #columns = new Map<string, Float64Array>();

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#times = new Float64Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** Time of the newest row, -Infinity when empty. */
  get lastMs(): number {
    return this.#length === 0 ? Number.NEGATIVE_INFINITY : this.timeAt(this.#length - 1);
  }

  /** Time of row `index`, 0 the oldest. */
  timeAt(index: number): number {
    return this.#times[this.#slot(index)] ?? Number.NaN;
  }

  /** Value of a field in row `index`; NaN when missing or when the field is unknown. */
  valueAt(name: string, index: number): number {
    return this.#columns.get(name)?.[this.#slot(index)] ?? Number.NaN;
  }

  has(name: string): boolean {
    return this.#columns.has(name);
  }

  /** Index of the first row at or after `tMs`; `length` when there is none. */
  firstAtOrAfter(tMs: number): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.timeAt(middle) < tMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * Append one row; fields not named are missing in it. The newest row once more: ignored. After
   * the wall clock was set back, what lies in the row's future goes.
   */
  append(tMs: number, values: ReadonlyMap<string, WireNumber>): void {
    if (Math.abs(tMs - this.lastMs) < SAME_SAMPLE_MS) return;
    if (tMs < this.lastMs) this.#length = this.firstAtOrAfter(tMs);
    const slot = this.#claim(tMs);
    for (const column of this.#columns.values()) column[slot] = Number.NaN;
    for (const [name, value] of values) {
      if (value !== null) this.#column(name)[slot] = value;
    }
  }

  /** A row in which everything is missing, so that lines break here. */
  appendBreak(): void {
    if (this.#length === 0) return;
    const slot = this.#claim(this.lastMs + SAME_SAMPLE_MS);
    for (const column of this.#columns.values()) column[slot] = Number.NaN;
  }

  /**
   * Put a stretch of history where it belongs. A row of both counts once: what was seen live
   * wins, and the stretch adds the fields that were missing.
   */
  merge(stretch: Stretch): void {
    const oldLength = this.#length;
    const oldTimes = Float64Array.from({ length: oldLength }, (_, row) => this.timeAt(row));
    const oldColumns = new Map<string, Float64Array>();
    for (const name of this.#columns.keys()) {
      oldColumns.set(
        name,
        Float64Array.from({ length: oldLength }, (_, row) => this.valueAt(name, row)),
      );
    }
    this.clear();
    const past = { tMs: oldTimes, columns: oldColumns };
    for (const [oldRow, newRow] of mergeOrder(oldTimes, stretch.tMs)) {
      if (oldRow === null) this.#copy(stretch, newRow ?? 0);
      else {
        const slot = this.#copy(past, oldRow);
        if (newRow !== null) this.#fill(slot, stretch, newRow);
      }
    }
  }

  /** Does the line break between row `index - 1` and row `index` although both have values? */
  isHoleBefore(index: number): boolean {
    if (index <= 0 || index >= this.#length) return false;
    const step = this.timeAt(index) - this.timeAt(index - 1);
    if (step <= QUIET_MS) return false;
    const before = index >= 2 ? this.timeAt(index - 1) - this.timeAt(index - 2) : 0;
    const after = index + 1 < this.#length ? this.timeAt(index + 1) - this.timeAt(index) : 0;
    return step > 3 * Math.max(before, after);
  }

  clear(): void {
    this.#head = 0;
    this.#length = 0;
  }

  #copy(source: Stretch, row: number): number {
    const slot = this.#claim(source.tMs[row] ?? Number.NaN);
    for (const column of this.#columns.values()) column[slot] = Number.NaN;
    this.#fill(slot, source, row);
    return slot;
  }

  /** Take over the values that this row does not have yet. */
  #fill(slot: number, source: Stretch, row: number): void {
    for (const [name, values] of source.columns) {
      const value = values[row];
      if (value === null || value === undefined) continue;
      const column = this.#column(name);
      if (Number.isNaN(column[slot])) column[slot] = value;
    }
  }

  #claim(tMs: number): number {
    if (this.#length === this.capacity) this.#head = (this.#head + 1) % this.capacity;
    else this.#length += 1;
    const slot = this.#slot(this.#length - 1);
    this.#times[slot] = tMs;
    return slot;
  }

  #column(name: string): Float64Array {
    let column = this.#columns.get(name);
    if (column === undefined) {
      column = new Float64Array(this.capacity).fill(Number.NaN);
      this.#columns.set(name, column);
    }
    return column;
  }

  #slot(index: number): number {
    return (this.#head + index) % this.capacity;
  }
}

/** Rows of both sides in order of time; null on the side that has no row of this time. */
function* mergeOrder(
  oldTimes: ArrayLike<number>,
  newTimes: ArrayLike<number>,
): Generator<readonly [number | null, number | null]> {
  let i = 0;
  let j = 0;
  while (i < oldTimes.length || j < newTimes.length) {
    const oldMs = oldTimes[i] ?? Number.POSITIVE_INFINITY;
    const newMs = newTimes[j] ?? Number.POSITIVE_INFINITY;
    if (Math.abs(oldMs - newMs) < SAME_SAMPLE_MS) {
      yield [i, j];
      i += 1;
      j += 1;
    } else if (oldMs < newMs) {
      yield [i, null];
      i += 1;
    } else {
      yield [null, j];
      j += 1;
    }
  }
}
