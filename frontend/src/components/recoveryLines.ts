/** Lines of the recovery log as sentences. The file, and the download, stay as written. */
import { formatClock, formatMs } from "../format/units";
import { text } from "../i18n";

interface Entry {
  readonly t_ms?: unknown;
  readonly endpoint?: unknown;
  readonly event?: unknown;
  readonly step?: unknown;
  readonly ok?: unknown;
  readonly summary?: unknown;
  readonly outcome?: unknown;
  readonly duration_ms?: unknown;
  readonly detail?: unknown;
}

/** What a line says, for people; the line itself when it is no entry that we know. */
export function readable(source: string, line: string): string {
  if (source !== "recovery" || !line.startsWith("{")) return line;
  const entry = parsed(line);
  if (entry === null || typeof entry.endpoint !== "string") return line;
  const parts = [
    what(entry),
    typeof entry.duration_ms === "number" ? formatMs(entry.duration_ms) : "",
    typeof entry.detail === "string" ? entry.detail : "",
  ].filter((part) => part !== "");
  const clock = typeof entry.t_ms === "number" ? `${formatClock(entry.t_ms)}  ` : "";
  return `${clock}${entry.endpoint}: ${parts.join(" · ")}`;
}

function what(entry: Entry): string {
  const { recovery } = text;
  if (entry.event === "closed" && typeof entry.outcome === "string") {
    const words: Readonly<Record<string, string>> = recovery.outcomes;
    return words[entry.outcome] ?? entry.outcome;
  }
  if (typeof entry.step === "string") {
    const word = recovery.steps[entry.step] ?? entry.step;
    return entry.ok === false ? `${word} (${recovery.failedStep})` : word;
  }
  return typeof entry.summary === "string"
    ? `${recovery.steps["detected"] ?? ""} · ${entry.summary}`
    : "";
}

function parsed(line: string): Entry | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? value : null;
  } catch {
    return null;
  }
}
