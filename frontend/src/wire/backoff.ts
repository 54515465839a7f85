export interface BackoffOptions {
  /** Delay before the first retry, in milliseconds. @default 500 */
  readonly initialMs?: number;
  /** Longest delay, before jitter, in milliseconds. @default 10 000 */
  readonly maxMs?: number;
  /** Share by which each delay varies, both ways. @default 0.2 */
  readonly jitter?: number;
  /** Source of chance in [0, 1). @default Math.random */
  readonly random?: () => number;
}

/**
 * Delay before retry number `attempt` (1 is the first), in milliseconds.
 *
 * Doubles up to the ceiling. The jitter keeps many open pages from knocking at the same moment
 * after a restart of the sidecar.
 */
export function backoffMs(attempt: number, options: BackoffOptions = {}): number {
  const { initialMs = 500, maxMs = 10_000, jitter = 0.2, random = Math.random } = options;
  const steps = Math.min(Math.max(attempt, 1) - 1, 30);
  const base = Math.min(initialMs * 2 ** steps, maxMs);
  return Math.round(base * (1 + jitter * (2 * random() - 1)));
}
