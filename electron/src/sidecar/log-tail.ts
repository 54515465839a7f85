import { redact } from "../redact";
import { parseObject } from "../json";

const LONGEST_LINE_CHARS = 2000;
export const KEPT_LINES = 200;

/** The last lines that the sidecar logged, readable and without secrets. */
export class LogTail {
  private kept: string[] = [];

  /** Remembers a line of stderr and gives back what it became. */
  add(line: string): string {
    const told = redact(readable(line)).slice(0, LONGEST_LINE_CHARS);
    this.kept.push(told);
    if (this.kept.length > KEPT_LINES) this.kept = this.kept.slice(-KEPT_LINES);
    return told;
  }

  /** Oldest first. */
  lines(): readonly string[] {
    return [...this.kept];
  }
}

/** The sidecar logs JSON lines; whatever else comes (a traceback, a library) stays as it is. */
function readable(line: string): string {
  const entry = parseObject(line);
  const text = entry?.["text"];
  if (entry === null || typeof text !== "string") return line;
  const before = [entry["level"], entry["logger"]].filter((part) => typeof part === "string");
  const at = typeof entry["t"] === "number" ? [timeText(entry["t"])] : [];
  return [...at, ...before, text].join(" ");
}

function timeText(atMs: number): string {
  const at = new Date(atMs);
  return Number.isNaN(at.getTime()) ? "" : at.toISOString();
}
