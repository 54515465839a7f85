/** How the models are, in as few words as a tray has room for. */
import { isMembers, type Members, wholeNumber } from "../json";

export type Tone = "good" | "busy" | "warning" | "bad" | "off";

/** What the tray shows. */
export interface Glance {
  readonly tone: Tone;
  readonly online: number;
  readonly total: number;
  readonly isWatching: boolean;
  /** Names of the models that need a look, a few at most. */
  readonly troubled: readonly string[];
}

const MOST_NAMES = 5;
const TROUBLED: ReadonlySet<unknown> = new Set(["offline", "failed", "recovering", "degraded"]);

/** Reads the answer of `/api/ai-monitor/status`; null when it is not one. */
export function readGlance(answer: Members): Glance | null {
  const status = answer["data"];
  if (!isMembers(status)) return null;
  const online = wholeNumber(status["online_models"], 0, 100_000);
  const total = wholeNumber(status["total_models"], 0, 100_000);
  const { overall_status: overall, monitoring_active: isWatching, models } = status;
  if (online === null || total === null || typeof isWatching !== "boolean") return null;
  const troubled = isMembers(models) ? troubledOf(models) : [];
  return { tone: tone(overall, isWatching, troubled), online, total, isWatching, troubled };
}

function troubledOf(models: Members): string[] {
  return Object.entries(models)
    .filter(([, model]) => isMembers(model) && TROUBLED.has(model["status"]))
    .map(([name]) => name)
    .slice(0, MOST_NAMES);
}

function tone(overall: unknown, isWatching: boolean, troubled: readonly string[]): Tone {
  if (!isWatching) return "off";
  if (overall === "healthy") return "good";
  if (overall === "critical" && troubled.length > 0) return "bad";
  return troubled.length > 0 ? "warning" : "busy";
}
