/** Looks after the models from time to time, for the tray and for notifications. */
import { call, CallFailed } from "../api/client";
import { type Glance, readGlance } from "../api/glance";
import { IncidentNews, type News } from "../api/incidents";
import type { Clock } from "../clock";
import type { Access } from "../sidecar/state";

const EVERY_MS = 5000;

export interface WatchParts {
  readonly clock: Clock;
  readonly access: () => Access | null;
  readonly onGlance: (glance: Glance | null) => void;
  readonly onNews: (news: News) => void;
}

/** Runs while the sidecar does. A look that brings nothing changes nothing. */
export class Watch {
  private readonly news = new IncidentNews();
  private callOff: () => void = () => undefined;
  private isOn = false;

  constructor(private readonly parts: WatchParts) {}

  /** Begins, or looks at once when it had begun. */
  on(): void {
    this.isOn = true;
    this.callOff();
    void this.look();
  }

  off(): void {
    this.isOn = false;
    this.callOff();
    this.parts.onGlance(null);
  }

  private async look(): Promise<void> {
    const access = this.parts.access();
    if (access !== null) await this.ask(access);
    if (!this.isOn) return;
    this.callOff();
    this.callOff = this.parts.clock.after(EVERY_MS, () => {
      void this.look();
    });
  }

  private async ask(access: Access): Promise<void> {
    try {
      const status = await call(access, "GET", "/api/ai-monitor/status");
      if (!this.isOn) return;
      this.parts.onGlance(readGlance(status));
      const incidents = await call(access, "GET", "/api/incidents?limit=50");
      for (const news of this.news.from(incidents)) this.parts.onNews(news);
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
    }
  }
}
