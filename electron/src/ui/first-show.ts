/** When the window appears for the first time: painted if possible, but in any case. */
import type { Clock } from "../clock";

/** A page that is not painted by then never will be; an empty window is better than none. */
export const LIMIT_MS = 5000;

export class FirstShow {
  private isPainted = false;
  private isWanted = false;
  private isOver = false;
  private callOff: () => void = () => undefined;

  constructor(
    private readonly clock: Clock,
    private readonly show: () => void,
  ) {}

  /** There is something to see. */
  painted(): void {
    this.isPainted = true;
    this.look();
  }

  /** Somebody wants to see it. */
  wanted(): void {
    this.isWanted = true;
    this.callOff = this.clock.after(LIMIT_MS, () => {
      this.painted();
    });
    this.look();
  }

  /** The window was shown or hidden for another reason: nothing is left to do. */
  decided(): void {
    this.isOver = true;
    this.callOff();
  }

  private look(): void {
    if (this.isOver || !this.isPainted || !this.isWanted) return;
    this.decided();
    this.show();
  }
}
