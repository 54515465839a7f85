/** When to draw without the graphics card. Pure. */

const WINDOW_MS = 60_000;
const MOST = 2;
/** Ends that say nothing about the card or its driver. */
const HARMLESS: ReadonlySet<string> = new Set(["clean-exit", "memory-eviction"]);

/** How one of Chromium's processes ended, in Electron's words. */
export interface ProcessEnd {
  readonly type: string;
  readonly reason: string;
}

/** Counts how often the process that draws has failed. */
export class GraphicsWatch {
  private failuresMs: readonly number[] = [];

  /** `isSoftware`: the card is not used now, so there is nothing to be done without. */
  constructor(private isSoftware: boolean) {}

  /** begin-anew: pages cannot be drawn like this; said once. */
  gone(end: ProcessEnd, nowMs: number): "wait" | "begin-anew" {
    if (end.type !== "GPU" || HARMLESS.has(end.reason) || this.isSoftware) return "wait";
    const recent = this.failuresMs.filter((atMs) => nowMs - atMs < WINDOW_MS);
    this.failuresMs = [...recent, nowMs];
    if (this.failuresMs.length < MOST) return "wait";
    this.isSoftware = true;
    return "begin-anew";
  }
}
