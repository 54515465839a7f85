/** The lines on screen, those held back, and how many are new: pure but for its own state. */
import type { LogLine } from "../wire/frames";

export interface NumberedLine extends LogLine {
  /** Rises by one with every line: the key of its row. */
  readonly number: number;
}

/** More lines than anybody scrolls through; the download has what is shown. */
export const LINES_MAX = 2_000;

export class LogBuffer {
  #shown: NumberedLine[] = [];
  #held: NumberedLine[] = [];
  #next = 1;
  #isHolding = false;

  get shown(): readonly NumberedLine[] {
    return this.#shown;
  }

  /** Lines that came in while the view was paused. */
  get heldCount(): number {
    return this.#held.length;
  }

  get isHolding(): boolean {
    return this.#isHolding;
  }

  add(lines: readonly LogLine[]): void {
    const numbered = lines.map((line) => ({ ...line, number: this.#next++ }));
    if (this.#isHolding) this.#held = newest([...this.#held, ...numbered]);
    else this.#shown = newest([...this.#shown, ...numbered]);
  }

  /** Begin anew with these lines, e.g. after a reconnect, which sends the log's end again. */
  replace(lines: readonly LogLine[]): void {
    this.#shown = [];
    this.#held = [];
    const wasHolding = this.#isHolding;
    this.#isHolding = false;
    this.add(lines);
    this.#isHolding = wasHolding;
  }

  hold(): void {
    this.#isHolding = true;
  }

  release(): void {
    this.#isHolding = false;
    this.#shown = newest([...this.#shown, ...this.#held]);
    this.#held = [];
  }

  clear(): void {
    this.#shown = [];
    this.#held = [];
  }
}

function newest(lines: NumberedLine[]): NumberedLine[] {
  return lines.length > LINES_MAX ? lines.slice(-LINES_MAX) : lines;
}

/** The lines as a text file has them. */
export function asText(lines: readonly LogLine[]): string {
  return lines.map((line) => `${line.text}\n`).join("");
}
