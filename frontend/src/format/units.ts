/** Numbers and times as people read them. What is missing is shown as a dash, never as zero. */

export const MISSING = "—";
const NBSP = "\u00a0";

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

export interface Scale {
  readonly divisor: number;
  readonly unit: string;
}

/** A finite number, or nothing. NaN is how rings keep what is missing. */
export function present(value: number | null | undefined): value is number {
  return value !== null && value !== undefined && Number.isFinite(value);
}

/** The binary unit in which `bytes` has one to four digits before the point. */
export function byteScale(bytes: number): Scale {
  const magnitude = Math.abs(bytes);
  let index = 0;
  let divisor = 1;
  while (index < BYTE_UNITS.length - 1 && magnitude >= divisor * 1024) {
    divisor *= 1024;
    index += 1;
  }
  return { divisor, unit: BYTE_UNITS[index] ?? "B" };
}

/** Three significant digits at most, so that figures keep their width. */
export function formatNumber(value: number): string {
  const magnitude = Math.abs(value);
  const digits = magnitude >= 100 ? 0 : magnitude >= 10 ? 1 : 2;
  return numberFormat(digits).format(value);
}

export function formatPct(value: number | null | undefined): string {
  if (!present(value)) return MISSING;
  return `${numberFormat(value >= 99.95 || value === 0 ? 0 : 1).format(value)}${NBSP}%`;
}

/** Share of time: more digits close to 100 %, where they matter. */
export function formatUptimePct(value: number | null | undefined): string {
  if (!present(value)) return MISSING;
  // Cut, not rounded: 99.996 % must not look like an unbroken day.
  const cut = Math.floor(value * 100) / 100;
  return `${numberFormat(cut === 100 ? 0 : 2).format(cut)}${NBSP}%`;
}

export function formatBytes(bytes: number | null | undefined): string {
  if (!present(bytes)) return MISSING;
  const { divisor, unit } = byteScale(bytes);
  const value = bytes / divisor;
  return `${unit === "B" ? numberFormat(0).format(value) : formatNumber(value)}${NBSP}${unit}`;
}

export function formatRate(bytesPerS: number | null | undefined): string {
  return present(bytesPerS) ? `${formatBytes(bytesPerS)}/s` : MISSING;
}

/** A duration given in milliseconds: `8 ms`, `1.24 s`, `3 min 5 s`, `2 h 4 min`, `3 d 4 h`. */
export function formatMs(ms: number | null | undefined): string {
  if (!present(ms)) return MISSING;
  if (ms < 10) return `${numberFormat(1).format(ms)}${NBSP}ms`;
  if (ms < 1000) return `${numberFormat(0).format(ms)}${NBSP}ms`;
  if (ms < 60_000) return `${numberFormat(ms < 10_000 ? 2 : 1).format(ms / 1000)}${NBSP}s`;
  return formatDurationS(ms / 1000);
}

/** Whole seconds and up, the two largest units. */
export function formatDurationS(seconds: number | null | undefined): string {
  if (!present(seconds)) return MISSING;
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${String(s)}${NBSP}s`;
  if (s < 3600) return pair(Math.floor(s / 60), "min", s % 60, "s");
  if (s < 86_400) return pair(Math.floor(s / 3600), "h", Math.floor((s % 3600) / 60), "min");
  return pair(Math.floor(s / 86_400), "d", Math.floor((s % 86_400) / 3600), "h");
}

/** How long ago, in the largest unit that fits: nobody needs the seconds of an hour. */
export function formatAgeS(seconds: number): string {
  return formatDurationS(seconds).split(" ")[0] ?? "";
}

export function formatTokensPerS(value: number | null | undefined): string {
  return present(value) ? `${formatNumber(value)}${NBSP}tok/s` : MISSING;
}

/** A number and its unit, as in `61 °C`. */
export function formatWithUnit(value: number | null | undefined, unit: string): string {
  return present(value) ? `${formatNumber(value)}${NBSP}${unit}` : MISSING;
}

const HZ_UNITS = ["Hz", "kHz", "MHz", "GHz"] as const;

export function formatHz(hz: number | null | undefined): string {
  if (!present(hz)) return MISSING;
  let [value, at] = [hz, 0];
  while (at < HZ_UNITS.length - 1 && Math.abs(value) >= 1000) {
    value /= 1000;
    at += 1;
  }
  return formatWithUnit(value, HZ_UNITS[at] ?? "Hz");
}

/** Load and the like: two digits after the point at most. */
export function formatRatio(value: number | null | undefined): string {
  return present(value) ? formatNumber(value) : MISSING;
}

export function formatCount(value: number | null | undefined): string {
  return present(value) ? numberFormat(0).format(value) : MISSING;
}

/** Local time of day, `14:02:09`. */
export function formatClock(ms: number): string {
  return CLOCK.format(ms);
}

/** Local time of day without seconds. */
export function formatClockShort(ms: number): string {
  return CLOCK_SHORT.format(ms);
}

/** Local date and time for headings: `21 Nov, 14:02:09`. */
export function formatDateTime(ms: number): string {
  return `${DAY.format(ms)}, ${CLOCK.format(ms)}`;
}

/** Local day, `22 Nov`. */
export function formatDay(ms: number): string {
  return DAY.format(ms);
}

/** Two moments as one stretch: the day is named once when both have it. */
export function formatSpan(fromMs: number, toMs: number): string {
  const end = formatDay(fromMs) === formatDay(toMs) ? formatClock(toMs) : formatDateTime(toMs);
  return `${formatDateTime(fromMs)} – ${end}`;
}

const LOCALE = "en-GB";
const CLOCK = new Intl.DateTimeFormat(LOCALE, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const CLOCK_SHORT = new Intl.DateTimeFormat(LOCALE, {
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const DAY = new Intl.DateTimeFormat(LOCALE, { day: "numeric", month: "short" });

const NUMBER_FORMATS = new Map<number, Intl.NumberFormat>();

function numberFormat(digits: number): Intl.NumberFormat {
  let format = NUMBER_FORMATS.get(digits);
  if (format === undefined) {
    format = new Intl.NumberFormat("en", {
      minimumFractionDigits: 0,
      maximumFractionDigits: digits,
    });
    NUMBER_FORMATS.set(digits, format);
  }
  return format;
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  const head = `${String(large)}${NBSP}${largeUnit}`;
  return small === 0 ? head : `${head} ${String(small)}${NBSP}${smallUnit}`;
}
