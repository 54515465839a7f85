/** How values of each unit are written, and how their axis ends: pure. */
import {
  formatBytes,
  formatCount,
  formatDurationS,
  formatHz,
  formatMs,
  formatNumber,
  formatPct,
  formatRate,
  formatRatio,
  formatWithUnit,
} from "../format/units";
import { byteRateAxis, plainAxis } from "./axisFormats";

export interface UnitLook {
  /** The unit in a word; empty for what has none. */
  readonly word: string;
  readonly format: (value: number) => string;
  readonly axis: (value: number) => string;
  readonly leastMax: number;
  readonly binary: boolean;
}

const KIB = 1024;

function look(
  word: string,
  format: (value: number) => string,
  leastMax: number,
  more: Partial<UnitLook> = {},
): UnitLook {
  return { word, format, axis: format, leastMax, binary: false, ...more };
}

const LOOKS: Readonly<Record<string, UnitLook>> = {
  pct: look("%", formatPct, 10),
  bytes: look("bytes", formatBytes, KIB * KIB, { binary: true, axis: bytesAxis }),
  bytes_per_s: look("bytes/s", formatRate, 10 * KIB, { binary: true, axis: byteRateAxis }),
  per_s: look("per second", (value) => formatWithUnit(value, "/s"), 10, { axis: plainAxis }),
  c: look("°C", (value) => formatWithUnit(value, "°C"), 50),
  w: look("W", (value) => formatWithUnit(value, "W"), 10),
  ms: look("ms", formatMs, 10),
  s: look("time", formatDurationS, 10),
  hz: look("Hz", formatHz, 1_000_000_000),
  ratio: look("", formatRatio, 1, { axis: plainAxis }),
  count: look("", formatCount, 4, { axis: plainAxis }),
};
const PLAIN = look("", formatNumber, 1, { axis: plainAxis });

function bytesAxis(value: number): string {
  return value === 0 ? "0" : formatBytes(value);
}

export function lookOf(unit: string): UnitLook {
  return LOOKS[unit] ?? PLAIN;
}

/** Shares of a whole end at 100; 100 % of one core is no such share. */
export function fixedMax(name: string, unit: string): number | null {
  if (unit !== "pct") return null;
  return /(?:^|\/)(?:self_)?cpu_pct$|pressure|stalled/.test(name) ? null : 100;
}

/** Pressure is mostly far below 100, so its axis follows it; but above 100 there is nothing. */
export function topMax(name: string, unit: string): number | null {
  return unit === "pct" && /pressure|stalled/.test(name) ? 100 : null;
}
