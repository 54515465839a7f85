/** Which news of alerts are worth a notification: faults that last, full memory, heat. */
import { isMembers, type Members } from "../json";

/** An alert that was raised, or is over because what it is about is well again. */
export interface Alarm {
  readonly kind: "raised" | "over";
  readonly title: string;
  readonly text: string;
  /** A model server that is down, and the incident about it if there is one. */
  readonly failure: { readonly endpoint: string; readonly incident: string | null } | null;
}

const MOST_REMEMBERED = 500;

/** Remembers what was told, as `IncidentNews` does: the first look tells nothing. */
export class AlertNews {
  private known: Map<string, Alarm["kind"] | "withdrawn"> | null = null;

  /** The news in an answer of `/api/alerts`, oldest first; none where its user turned them off. */
  from(answer: Members): readonly Alarm[] {
    const listed = [...listOf(answer["recent"]), ...listOf(answer["active"])];
    const isFirst = this.known === null;
    const known = (this.known ??= new Map());
    const news: Alarm[] = [];
    for (const alert of listed.sort((one, other) => one.raisedMs - other.raisedMs)) {
      const { id, kind, alarm } = alert;
      const isNews = known.get(id) !== kind;
      known.delete(id);
      known.set(id, kind);
      if (isNews && kind !== "withdrawn") news.push({ ...alarm, kind });
    }
    for (const id of [...known.keys()].slice(0, Math.max(0, known.size - MOST_REMEMBERED))) {
      known.delete(id);
    }
    return isFirst || !isTurnedOn(answer) ? [] : news;
  }
}

interface Listed {
  readonly id: string;
  readonly raisedMs: number;
  readonly kind: Alarm["kind"] | "withdrawn";
  readonly alarm: Omit<Alarm, "kind">;
}

function listOf(value: unknown): readonly Listed[] {
  const members = (Array.isArray(value) ? value : []).filter(isMembers);
  return members.map(readAlert).filter((alert) => alert !== null);
}

function readAlert(alert: Members): Listed | null {
  const { id, title, raised_ms: raisedMs } = alert;
  if (typeof id !== "string" || typeof title !== "string" || typeof raisedMs !== "number") {
    return null;
  }
  const kind = kindOf(alert);
  const text = alert[kind === "raised" ? "message" : "resolution_text"];
  const failure = failureOf(alert);
  return {
    id,
    raisedMs,
    kind,
    alarm: { title, text: typeof text === "string" ? text : "", failure },
  };
}

function kindOf({ resolved_ms: resolvedMs, resolution }: Members): Listed["kind"] {
  if (typeof resolvedMs !== "number") return "raised";
  return resolution === "recovered" ? "over" : "withdrawn";
}

function failureOf({ rule, endpoint, incident_id: incident }: Members): Alarm["failure"] {
  if (rule !== "endpoint_failed" || typeof endpoint !== "string") return null;
  return { endpoint, incident: typeof incident === "string" ? incident : null };
}

function isTurnedOn(answer: Members): boolean {
  const { channels } = answer;
  const desktop = (Array.isArray(channels) ? channels : [])
    .filter(isMembers)
    .find((channel) => channel["kind"] === "desktop");
  return desktop?.["enabled"] !== false;
}
