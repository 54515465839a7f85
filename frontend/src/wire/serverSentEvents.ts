/** Takes a stream of server-sent events apart, whatever the pieces it arrives in. */
export class EventSplitter {
  #rest = "";

  /** The `data` of each event that is complete now. */
  feed(piece: string): string[] {
    // A CR at the very end may be half of a line break.
    const text = this.#rest + piece;
    const whole = text.endsWith("\r") ? text.slice(0, -1) : text;
    const events = whole.replaceAll(/\r\n?/g, "\n").split("\n\n");
    this.#rest = (events.pop() ?? "") + text.slice(whole.length);
    return events.map(dataOf).filter((data) => data !== "");
  }
}

function dataOf(event: string): string {
  return event
    .split("\n")
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice(line.startsWith("data: ") ? 6 : 5))
    .join("\n");
}
