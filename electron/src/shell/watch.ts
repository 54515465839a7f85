/** Looks after the models from time to time, for the tray and for notifications. */
import { call, CallFailed } from "../api/client";
import { type Glance, readGlance } from "../api/glance";
import type { Clock } from "../clock";
import type { Access } from "../sidecar/state";
import { Announcer, type Notice } from "./announcer";

const EVERY_MS = 5000;

export interface WatchParts {
  readonly clock: Clock;
  readonly access: () => Access | null;
  readonly onGlance: (glance: Glance | null) => void;
  readonly onNotice: (notice: Notice) => void;
}

/** Runs while the sidecar does. A look that brings nothing changes nothing. */
export class Watch {
  private readonly announcer = new Announcer();
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
      await this.askForNews(access);
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
    }
  }
  private async askForNews(access: Access): Promise<void> {
    const [incidents, alerts] = await Promise.all([
      call(access, "GET", "/api/incidents?limit=50"),
      call(access, "GET", "/api/alerts?limit=50"),
    ]);
    if (!this.isOn) return;
    for (const notice of this.announcer.from(incidents, alerts)) this.parts.onNotice(notice);
  }
}
