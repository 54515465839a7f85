/** Where the ticks go and where an axis ends. */
import { byteScale, formatClock, formatClockShort, formatDay } from "../format/units";

/** Pixels of a length in root font sizes: canvases do not know them. */
export function rem(length: number): number {
  return length * (parseFloat(getComputedStyle(document.documentElement).fontSize) || 16);
}

/** Enough for `512 MiB/s`. */
const AXIS_WIDTH_REM = 4.25;

/** Room for the values beside a chart. All charts of a column start at the same place. */
export function axisWidthPx(): number {
  return Math.round(rem(AXIS_WIDTH_REM));
}
/** Room right of the last sample. */
export const AXIS_END_PX = 4;

const HOUR_S = 3_600;
const DAY_S = 24 * HOUR_S;
const TIME_STEPS_S: readonly number[] = [
  ...[1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800],
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR_S),
  ...[1, 2, 5, 10, 30, 60].map((days) => days * DAY_S),
];
/** Enough for `23:59:59`. */
const LABEL_WIDTH_REM = 4;

/** Whole steps of local time between two moments, as many as fit beside each other. */
export function timeTicks(startMs: number, endMs: number, widthPx: number): number[] {
  const room = Math.max(1, Math.floor(widthPx / rem(LABEL_WIDTH_REM)));
  const rangeS = (endMs - startMs) / 1000;
  const stepS = TIME_STEPS_S.find((step) => rangeS / step <= room) ?? DAY_S * 60;
  const stepMs = stepS * 1000;
  const ticks: number[] = [];
  for (let t = firstStep(startMs, stepMs); t <= endMs; t += stepMs) ticks.push(t);
  return ticks;
}

/** Local midnight is a whole step, wherever on the globe. */
function firstStep(startMs: number, stepMs: number): number {
  const offsetMs = new Date(startMs).getTimezoneOffset() * 60_000;
  return Math.ceil((startMs - offsetMs) / stepMs) * stepMs + offsetMs;
}

/** As much of the time as the range needs: seconds in a short one, the day in a long one. */
export function timeLabel(tMs: number, rangeMs: number): string {
  if (rangeMs <= 120_000 || tMs % 60_000 !== 0) return formatClock(tMs);
  if (rangeMs <= DAY_S * 1_000) return formatClockShort(tMs);
  const isMidnight = formatClockShort(tMs) === "00:00";
  return isMidnight || rangeMs > 4 * DAY_S * 1_000 ? formatDay(tMs) : formatClockShort(tMs);
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
