/** The one way out of the app, whoever asks for it. */
import type { Clock } from "../clock";

/** Longer than a sidecar may take to stop, force included. */
export const LIMIT_MS = 13_000;
/** Longer than an installer takes to begin, fetching its file from our own cache included. */
export const INSTALL_LIMIT_MS = 60_000;
export const EXIT_FATAL = 70;

/** How the sidecar is to be stopped. */
export interface Stop {
  /** The system ends everything within seconds. */
  readonly isUrgent?: boolean;
  /** Models go on, for a next sidecar to take over; the person's own setting if not given. */
  readonly keepModels?: boolean;
}

/** What is special about leaving. */
export interface Way extends Stop {
  readonly code?: number;
  /** Done instead of a plain exit once everything is stopped, such as installing an update. */
  readonly last?: () => void;
  /** The app begins anew when this one has gone. */
  readonly isAgain?: boolean;
  /**
   * Also waited for, without a limit; true has the app begin anew. Whoever else wants the app to end
   * or to come back meanwhile cuts it short.
   */
  readonly answer?: Promise<boolean>;
}

/** The app is to begin anew, for the sake of a link if somebody followed one. */
export interface Again {
  readonly link: string | null;
}

/** What leaving needs. */
export interface Leaving {
  /** Hides what is on the screen and keeps what should be kept. */
  readonly prepare: () => void;
  readonly stopSidecar: (stop: Stop) => Promise<void>;
  /** Really ends the app, and starts it again if that is wanted. */
  readonly exit: (code: number, again: Again | null) => void;
  readonly log: (text: string) => void;
  readonly clock: Clock;
}

export class ExitPath {
  private begun = false;
  private over = false;
  private again: Again | null = null;
  private cutShort: () => void = () => undefined;

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
  comeBack(link: string | null): void {
    this.again = { link: link ?? this.again?.link ?? null };
    this.cutShort();
  }

  /** Stops the sidecar and leaves; later calls only end the wait for an answer. */
  leave(reason: string, way: Way = {}): void {
    if (this.begun) {
      this.cutShort();
      return;
    }
    this.begun = true;
    const { clock, log } = this.leaving;
    log(`leaving: ${reason}`);
    if (way.isAgain === true) this.comeBack(null);
    this.prepare();
    const answered = way.answer === undefined ? null : this.answered(way.answer);
    let isStopped = false;
    const go = (): void => {
      if (isStopped) return;
      isStopped = true;
      callOff();
      if (answered === null) this.go(way);
      else
        void answered.then(() => {
          this.go(way);
        });
    };
    const callOff = clock.after(LIMIT_MS, go);
    void this.leaving.stopSidecar(way).then(go, (error: unknown) => {
      log(`stopping the sidecar failed: ${String(error)}`);
      go();
    });
  }

  /** Resolves with the answer, or when nobody should wait for it any more; never rejects. */
  private answered(answer: Promise<boolean>): Promise<void> {
    const cut = new Promise<boolean>((resolve) => {
      this.cutShort = () => {
        resolve(false);
      };
    });
    return Promise.race([answer, cut]).then(
      (isAgain) => {
        if (isAgain) this.comeBack(null);
      },
      (error: unknown) => {
        this.leaving.log(`nothing could be asked: ${String(error)}`);
      },
    );
  }

  /** What cannot be prepared, such as a window that has gone already, holds nobody back. */
  private prepare(): void {
    try {
      this.leaving.prepare();
    } catch (error) {
      this.leaving.log(`leaving could not be prepared: ${String(error)}`);
    }
  }

  private go({ code = 0, last }: Way): void {
    const { clock, exit, log } = this.leaving;
    this.over = true;
    log("left");
    if (last === undefined) {
      exit(code, this.again);
      return;
    }
    // Everything is stopped and nothing is on the screen: whatever happens, the app has to end.
    clock.after(INSTALL_LIMIT_MS, () => {
      log("what was to be done last did not end the app");
      exit(EXIT_FATAL, this.again);
    });
    try {
      last();
    } catch (error) {
      log(`what was to be done last failed: ${String(error)}`);
      exit(EXIT_FATAL, this.again);
    }
  }
}
