/** Where the ticks go and where an axis ends: pure. */
import { byteScale, formatClock, formatClockShort } from "../format/units";

/** All charts of a column start at the same place. */
export const AXIS_WIDTH_PX = 58;
/** Room right of the last sample. */
export const AXIS_END_PX = 4;

const TIME_STEPS_S = [5, 10, 15, 30, 60, 120, 300, 600] as const;
const LABEL_WIDTH_PX = 64;

/** Whole steps of local time between two moments, as many as fit beside each other. */
export function timeTicks(startMs: number, endMs: number, widthPx: number): number[] {
  const room = Math.max(1, Math.floor(widthPx / LABEL_WIDTH_PX));
  const rangeS = (endMs - startMs) / 1000;
  const stepS = TIME_STEPS_S.find((step) => rangeS / step <= room) ?? TIME_STEPS_S.at(-1) ?? 600;
  const stepMs = stepS * 1000;
  const ticks: number[] = [];
  for (let t = Math.ceil(startMs / stepMs) * stepMs; t <= endMs; t += stepMs) ticks.push(t);
  return ticks;
}

/** Seconds are shown only where the range is short enough for them to matter. */
export function timeLabel(tMs: number, rangeMs: number): string {
  return rangeMs <= 120_000 ? formatClock(tMs) : formatClockShort(tMs);
}

const NICE = [1, 2, 4, 5, 10] as const;

/**
 * A round upper end for an axis that begins at 0 and whose largest value is `peak`.
 *
 * @param binary values are bytes: round means a multiple of KiB, MiB …
 */
export function niceMax(peak: number, binary: boolean, least: number): number {
  const wanted = Math.max(Number.isFinite(peak) ? peak * 1.05 : 0, least);
  const unit = binary ? byteScale(wanted).divisor : 1;
  const inUnit = wanted / unit;
  const power = 10 ** Math.floor(Math.log10(inUnit));
  const nice = (NICE.find((one) => one * power >= inUnit) ?? 10) * power;
  // A thousand of a binary unit is shown as one of the next.
  return (binary && nice >= 1000 ? 1024 : nice) * unit;
}

/**
 * Keep the axis still while the data move a little: grow at once, shrink only when less than
 * 40 % of the axis is used.
 */
export function steadyMax(previous: number | null, wanted: number, peak: number): number {
  if (previous === null || wanted > previous) return wanted;
  return peak < previous * 0.4 ? wanted : previous;
}

/** Bottom, middle and top. */
export function valueTicks(max: number): number[] {
  return [0, max / 2, max];
}
