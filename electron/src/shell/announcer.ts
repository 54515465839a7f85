/** What is told in notifications: each failure once, whoever noticed it. */
import { type Alarm, AlertNews } from "../api/alerts";
import { IncidentNews, type News } from "../api/incidents";
import type { Members } from "../json";
import { words } from "./words";

/** A notification. */
export interface Notice {
  readonly title: string;
  readonly text: string;
}

const MOST_REMEMBERED = 500;

/**
 * A model server that fails has an incident and, when that lasts or is given up, an alert. Both are
 * listened to, for there are incidents that heal without an alert and alerts without an incident;
 * the second to tell of the same failure is not heard.
 */
export class Announcer {
  private readonly incidents = new IncidentNews();
  private readonly alerts = new AlertNews();
  /** Incidents whose failure was told. */
  private readonly failed = new Set<string>();
  /** What was told of each endpoint last. */
  private readonly last = new Map<string, News["kind"]>();

  /** The notices in the answers of `/api/incidents` and `/api/alerts`. */
  from(incidents: Members, alerts: Members): readonly Notice[] {
    const ofIncidents = this.incidents.from(incidents).map((news) => this.ofIncident(news));
    const ofAlerts = this.alerts.from(alerts).map((alarm) => this.ofAlert(alarm));
    return [...ofIncidents, ...ofAlerts].filter((notice) => notice !== null);
  }

  private ofIncident({ kind, endpoint, summary, incident }: News): Notice | null {
    if (kind === "failed" && !this.isFirst(incident)) return null;
    this.told(endpoint, kind);
    return { title: words.notices[kind](endpoint), text: summary };
  }

  private ofAlert({ kind, title, text, failure }: Alarm): Notice | null {
    if (failure === null) {
      return { title: kind === "raised" ? title : words.notices.over(title), text };
    }
    const { endpoint, incident } = failure;
    if (kind === "raised") {
      if (incident !== null && !this.isFirst(incident)) return null;
      this.told(endpoint, "failed");
      return { title, text };
    }
    if (this.last.get(endpoint) === "recovered") return null;
    this.told(endpoint, "recovered");
    return { title: words.notices.recovered(endpoint), text };
  }

  private told(endpoint: string, kind: News["kind"]): void {
    this.last.delete(endpoint);
    this.last.set(endpoint, kind);
    forgetOldest(this.last);
  }

  private isFirst(incident: string): boolean {
    if (this.failed.has(incident)) return false;
    this.failed.add(incident);
    forgetOldest(this.failed);
    return true;
  }
}

function forgetOldest(known: Set<string> | Map<string, unknown>): void {
  if (known.size <= MOST_REMEMBERED) return;
  for (const oldest of known.keys()) {
    known.delete(oldest);
    return;
  }
}
