import { describe, expect, it } from "vitest";

import { backoffMs } from "../../../frontend/src/wire/backoff";

const still = { jitter: 0 };

describe("backoffMs", () => {
  it("begins at half a second, doubles, and stays at ten seconds", () => {
    const delays = [1, 2, 3, 4, 5, 6, 7, 100].map((attempt) => backoffMs(attempt, still));
    expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000]);
  });

  it("varies each delay both ways by its jitter", () => {
    expect(backoffMs(2, { jitter: 0.2, random: () => 0 })).toBe(800);
    expect(backoffMs(2, { jitter: 0.2, random: () => 1 })).toBe(1200);
  });

  it("takes a nonsensical attempt for the first", () => {
    expect(backoffMs(0, still)).toBe(500);
  });
});
