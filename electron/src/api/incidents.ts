/** Which news of incidents are worth a notification. */
import { isMembers, type Members } from "../json";

/** One thing that a person should hear of. */
export interface News {
  readonly kind: "failed" | "recovered";
  readonly endpoint: string;
  readonly summary: string;
  readonly incident: string;
}

const MOST_REMEMBERED = 500;

/**
 * Remembers what was told. The first look tells nothing: what happened before the shell looked is
 * history. Later each incident is told once when it ended in failure and once when it was mended
 * after that; incidents that heal by themselves are told once, as recovered.
 */
export class IncidentNews {
  private told: Map<string, string> | null = null;

  /** The news in an answer of `/api/incidents`, oldest first. */
  from(answer: Members): readonly News[] {
    const listed = answer["incidents"];
    const seen = (Array.isArray(listed) ? listed : []).filter(isMembers).map(readIncident);
    const incidents = seen.filter((incident) => incident !== null).reverse();
    const known = this.told ?? new Map<string, string>();
    const isFirst = this.told === null;
    this.told = known;
    const news: News[] = [];
    for (const incident of incidents) {
      if (known.get(incident.incident) === incident.kind) continue;
      known.delete(incident.incident);
      known.set(incident.incident, incident.kind);
      if (!isFirst) news.push(incident);
    }
    for (const id of [...known.keys()].slice(0, Math.max(0, known.size - MOST_REMEMBERED))) {
      known.delete(id);
    }
    return news;
  }
}

function readIncident(incident: Members): News | null {
  const { id, endpoint, summary, outcome } = incident;
  const kind = typeof outcome === "string" ? KINDS.get(outcome) : undefined;
  if (kind === undefined || typeof id !== "string" || typeof endpoint !== "string") return null;
  return { kind, endpoint, summary: typeof summary === "string" ? summary : "", incident: id };
}

/** Outcome of an incident → news; what was stopped on purpose or a false alarm is none. */
const KINDS: ReadonlyMap<string, News["kind"]> = new Map([
  ["healed", "recovered"],
  ["failed", "failed"],
]);
