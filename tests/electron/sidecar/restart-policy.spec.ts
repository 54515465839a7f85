import { describe, expect, test } from "vitest";

import {
  afterDeath,
  BUDGET,
  DELAYS_MS,
  type Failures,
  HEALTHY_MS,
  WINDOW_MS,
} from "../../../electron/src/sidecar/restart-policy";

const MIDDLE = 0.5;

function death(atMs: number, code: number | null = 1, healthyMs = 0) {
  return { atMs, code, healthyMs };
}

describe("what starting again cannot mend is shown at once", () => {
  test.each([64, 69, 73, 77, 78])("exit code %i", (code) => {
    expect(afterDeath([], death(0, code), MIDDLE)).toEqual({ next: "give-up", why: "hopeless" });
  });
});

describe("everything else is started again", () => {
  test.each([1, 2, 70, 75, 130, 137, null])("exit code %s", (code) => {
    expect(afterDeath([], death(0, code), MIDDLE)).toMatchObject({ next: "restart" });
  });
});

test("each failure waits longer than the one before it", () => {
  let failures: Failures = [];
  const delays: number[] = [];
  for (let nth = 0; nth < BUDGET - 1; nth += 1) {
    const verdict = afterDeath(failures, death(nth * 1000), MIDDLE);
    if (verdict.next !== "restart") throw new Error("gave up too early");
    failures = verdict.failures;
    delays.push(verdict.delayMs);
  }
  expect(delays).toEqual(DELAYS_MS.slice(0, BUDGET - 1));
});

test("the fifth failure within five minutes is the last", () => {
  const earlier = [0, 1000, 2000, 3000];
  expect(afterDeath(earlier, death(4000), MIDDLE)).toEqual({ next: "give-up", why: "budget" });
});

test("failures of more than five minutes ago do not count", () => {
  const earlier = [0, 1000, 2000, 3000];
  const verdict = afterDeath(earlier, death(WINDOW_MS + 1500), MIDDLE);
  expect(verdict).toMatchObject({ next: "restart", failures: [2000, 3000, WINDOW_MS + 1500] });
});

test("a minute of health forgives what was before", () => {
  const earlier = [0, 1000, 2000, 3000];
  const verdict = afterDeath(earlier, death(70_000, 1, HEALTHY_MS), MIDDLE);
  expect(verdict).toEqual({ next: "restart", delayMs: DELAYS_MS[0], failures: [70_000] });
  expect(afterDeath(earlier, death(70_000, 1, HEALTHY_MS - 1), MIDDLE).next).toBe("give-up");
});

test("delays are spread by 20 % to either side", () => {
  const least = afterDeath([], death(0), 0);
  const most = afterDeath([], death(0), 1);
  expect(least).toMatchObject({ delayMs: 400 });
  expect(most).toMatchObject({ delayMs: 600 });
});
