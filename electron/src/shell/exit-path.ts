/** The one way out of the app, whoever asks for it. */
import type { Clock } from "../clock";

/** Longer than a sidecar may take to stop, force included. */
export const LIMIT_MS = 13_000;

/** What leaving needs. */
export interface Leaving {
  /** Hides what is on the screen and keeps what should be kept. */
  readonly prepare: () => void;
  readonly stopSidecar: () => Promise<void>;
  /** Really ends the app, and starts it again if somebody wanted it back meanwhile. */
  readonly exit: (code: number, isComingBack: boolean) => void;
  readonly log: (text: string) => void;
  readonly clock: Clock;
}

export class ExitPath {
  private begun = false;
  private over = false;
  private isComingBack = false;

  constructor(private readonly leaving: Leaving) {}

  /** Leaving has begun: nothing new is started any more. */
  get isLeaving(): boolean {
    return this.begun;
  }

  /** Everything is stopped: the app may really go. */
  get isOpen(): boolean {
    return this.over;
  }

  /** The app was started again while it was leaving: the next one begins when this one has gone. */
  comeBack(): void {
    this.isComingBack = true;
  }

  /**
   * Stops the sidecar and leaves; later calls change nothing. `last` is done instead of a plain
   * exit once everything is stopped, such as installing an update.
   */
  leave(reason: string, code = 0, last?: () => void): void {
    if (this.begun) return;
    this.begun = true;
    const { clock, log } = this.leaving;
    log(`leaving: ${reason}`);
    this.leaving.prepare();
    const go = (): void => {
      if (this.over) return;
      this.over = true;
      callOff();
      log("left");
      if (last === undefined) this.leaving.exit(code, this.isComingBack);
      else last();
    };
    const callOff = clock.after(LIMIT_MS, go);
    void this.leaving.stopSidecar().then(go, (error: unknown) => {
      log(`stopping the sidecar failed: ${String(error)}`);
      go();
    });
  }
}
