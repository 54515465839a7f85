import { describe, expect, it } from "vitest";

import {
  byteScale,
  formatAgeS,
  formatBytes,
  formatCount,
  formatDurationS,
  formatMs,
  formatNumber,
  formatPct,
  formatRate,
  formatTokensPerS,
  formatUptimePct,
  MISSING,
} from "../../../frontend/src/format/units";

/** Spaces in figures do not break; here they are written as plain ones. */
function plain(words: string): string {
  return words.replaceAll("\u00a0", " ");
}

describe("what is missing", () => {
  it.each([formatPct, formatBytes, formatRate, formatMs, formatDurationS, formatTokensPerS])(
    "is a dash and never a zero (%o)",
    (format) => {
      for (const value of [null, undefined, Number.NaN]) expect(format(value)).toBe(MISSING);
      expect(format(0)).not.toBe(MISSING);
    },
  );

  it("is a dash for counts and uptime too", () => {
    expect([formatCount(null), formatUptimePct(null)]).toEqual([MISSING, MISSING]);
  });
});

describe("figures", () => {
  it.each([
    [0, "0 %"],
    [12.34, "12.3 %"],
    [99.97, "100 %"],
  ])("shows %f as %s", (value, words) => {
    expect(plain(formatPct(value))).toBe(words);
  });

  it("never rounds a broken day up to a whole one", () => {
    expect(plain(formatUptimePct(99.999))).toBe("99.99 %");
    expect(plain(formatUptimePct(100))).toBe("100 %");
  });

  it.each([
    [0, "0 B"],
    [1023, "1,023 B"],
    [1024, "1 KiB"],
    [1536, "1.5 KiB"],
    [224_395_264, "214 MiB"],
    [1.5 * 1024 ** 4, "1.5 TiB"],
  ])("shows %d bytes as %s", (value, words) => {
    expect(plain(formatBytes(value))).toBe(words);
  });

  it("keeps three digits", () => {
    expect([1.234, 12.34, 123.4].map(formatNumber)).toEqual(["1.23", "12.3", "123"]);
    expect(plain(formatTokensPerS(78.81))).toBe("78.8 tok/s");
    expect(plain(formatRate(2048))).toBe("2 KiB/s");
  });

  it("chooses one unit for an axis by its size", () => {
    expect(byteScale(3 * 1024 ** 2)).toEqual({ divisor: 1024 ** 2, unit: "MiB" });
  });
});

describe("durations", () => {
  it.each([
    [0.42, "0.4 ms"],
    [74, "74 ms"],
    [1020, "1.02 s"],
    [12_340, "12.3 s"],
    [185_000, "3 min 5 s"],
    [7_440_000, "2 h 4 min"],
    [273_600_000, "3 d 4 h"],
    [60_000, "1 min"],
  ])("shows %f ms as %s", (ms, words) => {
    expect(plain(formatMs(ms))).toBe(words);
  });

  it("tells an age in its largest unit only", () => {
    expect(plain(formatAgeS(3 * 60 + 5))).toBe("3 min");
    expect(plain(formatAgeS(12))).toBe("12 s");
  });

  it("never goes below zero when clocks differ", () => {
    expect(plain(formatDurationS(-3))).toBe("0 s");
  });
});
