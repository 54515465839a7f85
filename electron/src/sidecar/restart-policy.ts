/** When a sidecar that died is started again, and when that is given up. Pure. */
import { isHopeless } from "./exit-codes";

export const DELAYS_MS = [500, 1000, 2000, 4000, 8000, 15_000, 30_000] as const;
export const JITTER = 0.2;
export const BUDGET = 5;
export const WINDOW_MS = 5 * 60_000;
export const HEALTHY_MS = 60_000;

/** The failures that still count, oldest first, in milliseconds of one clock. */
export type Failures = readonly number[];

export type Verdict =
  | { readonly next: "restart"; readonly delayMs: number; readonly failures: Failures }
  | { readonly next: "give-up"; readonly why: "hopeless" | "budget" };

/** How a life of the sidecar ended. */
export interface Death {
  readonly code: number | null;
  readonly atMs: number;
  /** For how long it had been ready; 0 when it never was. */
  readonly healthyMs: number;
}

/**
 * What to do after an unwanted end. `random` is between 0 and 1 and spreads the delay by 20 %, so
 * that programs which failed together do not come back together.
 */
export function afterDeath(earlier: Failures, death: Death, random: number): Verdict {
  if (isHopeless(death.code)) return { next: "give-up", why: "hopeless" };
  const remembered = death.healthyMs >= HEALTHY_MS ? [] : earlier;
  const failures = [...remembered.filter((atMs) => death.atMs - atMs < WINDOW_MS), death.atMs];
  if (failures.length >= BUDGET) return { next: "give-up", why: "budget" };
  const step = Math.min(failures.length, DELAYS_MS.length) - 1;
  const base = DELAYS_MS[step] ?? DELAYS_MS[0];
  return {
    next: "restart",
    delayMs: Math.round(base * (1 + JITTER * (2 * random - 1))),
    failures,
  };
}
