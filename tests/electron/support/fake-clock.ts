import type { Clock } from "../../../electron/src/clock";

/** A clock that stands still until it is told how far to go. */
export class FakeClock implements Clock {
  private nowValueMs = 0;
  private waiting: { atMs: number; action: () => void }[] = [];

  nowMs(): number {
    return this.nowValueMs;
  }

  after(delayMs: number, action: () => void): () => void {
    const entry = { atMs: this.nowValueMs + delayMs, action };
    this.waiting.push(entry);
    return () => {
      this.waiting = this.waiting.filter((one) => one !== entry);
    };
  }

  /** Lets time pass; what falls due meanwhile happens in order. */
  pass(ms: number): void {
    const endMs = this.nowValueMs + ms;
    for (;;) {
      const [next] = this.waiting
        .filter((entry) => entry.atMs <= endMs)
        .sort((left, right) => left.atMs - right.atMs);
      if (next === undefined) break;
      this.waiting = this.waiting.filter((entry) => entry !== next);
      this.nowValueMs = next.atMs;
      next.action();
    }
    this.nowValueMs = endMs;
  }

  /** How many things wait to happen. */
  get pending(): number {
    return this.waiting.length;
  }
}
