import { StringDecoder } from "node:string_decoder";

const LONGEST_CHARS = 64 * 1024;

/**
 * Cuts what a pipe delivers into lines. A line that never ends is given out in pieces, so that a
 * program gone wild cannot fill the memory.
 */
export class LineSplitter {
  private readonly decoder = new StringDecoder("utf8");
  private rest = "";

  constructor(private readonly onLine: (line: string) => void) {}

  /** Takes what arrived. */
  push(chunk: Buffer): void {
    this.take(this.decoder.write(chunk));
  }

  /** The pipe ended: what is left is a line as well. */
  end(): void {
    this.take(this.decoder.end());
    if (this.rest !== "") this.give(this.rest);
    this.rest = "";
  }

  private take(text: string): void {
    const lines = (this.rest + text).split("\n");
    this.rest = lines.pop() ?? "";
    for (const line of lines) this.give(line);
    while (this.rest.length > LONGEST_CHARS) {
      this.give(this.rest.slice(0, LONGEST_CHARS));
      this.rest = this.rest.slice(LONGEST_CHARS);
    }
  }

  private give(line: string): void {
    this.onLine(line.endsWith("\r") ? line.slice(0, -1) : line);
  }
}
