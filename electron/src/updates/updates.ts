/** Looking for a new version, and installing it when a person says so. */
import type { Clock } from "../clock";
import { words } from "../shell/words";
import type { Route } from "./update-policy";

const FIRST_LOOK_MS = 30_000;
const EVERY_MS = 24 * 3_600_000;

/** What fetches and installs. It is loaded only where it may be used. */
export interface Engine {
  /** The newer version's name; null when there is none. Throws when it cannot be found out. */
  look(): Promise<string | null>;
  download(): Promise<void>;
  /** Ends the app and installs; everything of ours must have stopped before. */
  install(): void;
}

export interface UpdateParts {
  readonly route: Route;
  readonly engine: () => Promise<Engine>;
  readonly clock: Clock;
  readonly isWanted: () => boolean;
  /** Asks with two buttons; true for the first. */
  readonly confirm: (text: string, detail: string, yes: string, no: string) => Promise<boolean>;
  readonly tell: (text: string, detail: string) => void;
  /** Stops models and sidecar, then calls `last`. */
  readonly leave: (last: () => void) => void;
  readonly log: (text: string) => void;
}

export class Updates {
  private isLooking = false;
  /** Somebody waits for what comes of the look that is under way. */
  private isAsked = false;

  constructor(private readonly parts: UpdateParts) {}

  /** Looks now and then by itself, where that is of use and wanted. */
  begin(): void {
    if (this.parts.route === "ask") this.later(FIRST_LOOK_MS);
  }

  /** A person asks: every outcome is told. */
  async lookNow(): Promise<void> {
    const { route, tell } = this.parts;
    if (route === "ask") {
      this.isAsked = true;
      await this.look();
    } else {
      tell(route === "move" ? words.updates.move : words.updates.elsewhere, "");
    }
  }

  private later(delayMs: number): void {
    this.parts.clock.after(delayMs, () => {
      if (this.parts.isWanted()) void this.look();
      this.later(EVERY_MS);
    });
  }

  private async look(): Promise<void> {
    if (this.isLooking) return;
    this.isLooking = true;
    const { log, tell } = this.parts;
    try {
      const engine = await this.parts.engine();
      const version = await engine.look();
      if (version !== null) await this.offer(engine, version);
      else if (this.isAsked) tell(words.updates.newest, "");
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      log(`update: ${why}`);
      if (this.isAsked) tell(words.updates.failed, why);
    } finally {
      this.isLooking = false;
      this.isAsked = false;
    }
  }

  private async offer(engine: Engine, version: string): Promise<void> {
    const { updates } = words;
    const { confirm, leave } = this.parts;
    if (!(await confirm(updates.available(version), "", updates.download, updates.later))) return;
    // From here on somebody waits for it.
    this.isAsked = true;
    await engine.download();
    const text = updates.ready(version);
    if (!(await confirm(text, updates.readyText, updates.install, updates.later))) return;
    leave(() => {
      engine.install();
    });
  }
}
