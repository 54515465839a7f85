/** Keeps the right page in the window while the sidecar comes, goes and comes back. */
import type { Clock } from "../clock";
import { isOurs } from "../security/navigation-policy";
import type { SidecarState } from "../sidecar/state";
import { type LocalView, localView, type PageTrouble, PATIENCE_MS } from "./local-view";
import { ABSENCE_MS, nextPage, type Shown } from "./screen";

/** The window, as far as pages are concerned. */
export interface PageWindow {
  load(url: string): void;
  /** The address of what is in the window; empty when there is nothing. */
  url(): string;
  /** Shows a new view on the shell's own page. */
  tell(view: LocalView): void;
}

export interface ScreenParts {
  readonly window: PageWindow;
  readonly localPage: string;
  readonly clock: Clock;
  readonly log: () => readonly string[];
}

const CRASH_WINDOW_MS = 60_000;
/** Then even the shell's own page cannot be shown: it is tried again after a while. */
const MOST_CRASHES = 4;
const LOAD_AGAIN_MS = 1000;
const MOST_LOADS = 3;
const REFRESH_MS = 1000;

export class ScreenKeeper {
  private shown: Shown = { page: "nothing" };
  private state: SidecarState = { kind: "stopped", byUs: true };
  private trouble: PageTrouble | null = null;
  private path = "/";
  private awaySinceMs: number | null = null;
  private crashesMs: readonly number[] = [];
  private failedLoads = 0;
  private callOff: () => void = () => undefined;

  constructor(private readonly parts: ScreenParts) {}

  /** What the shell's own page shows now. */
  view(): LocalView {
    const { log, clock } = this.parts;
    return localView(this.state, this.trouble, log(), clock.nowMs());
  }

  /** The sidecar's state changed. */
  update(state: SidecarState): void {
    if (state.kind !== "running") [this.trouble, this.failedLoads] = [null, 0];
    this.state = state;
    if (state.kind === "running") this.awaySinceMs = null;
    else this.awaySinceMs ??= this.parts.clock.nowMs();
    this.look();
  }

  /** Goes to a page of the dashboard, now or as soon as there is one. */
  goTo(path: string): void {
    this.path = path;
    this.trouble = null;
    if (this.state.kind === "running") this.open(this.state.origin + path);
  }

  /** A person asks for the page again after trouble with it; false when there was none. */
  mend(): boolean {
    if (this.trouble === null || this.state.kind !== "running") return false;
    this.failedLoads = 0;
    this.goTo(this.path);
    return true;
  }

  /** The page's process ended: loaded again once, and explained the second time. */
  crashed(): void {
    const nowMs = this.parts.clock.nowMs();
    const recent = this.crashesMs.filter((atMs) => nowMs - atMs < CRASH_WINDOW_MS);
    this.crashesMs = [...recent, nowMs].slice(-MOST_CRASHES);
    this.rememberPath();
    this.shown = { page: "nothing" };
    if (this.crashesMs.length > 1) this.trouble = "crashed";
    if (this.crashesMs.length < MOST_CRASHES) this.look();
    else this.again(CRASH_WINDOW_MS);
  }

  /** The dashboard did not load. While the sidecar runs this is tried again, but not for ever. */
  loadFailed(): void {
    this.rememberPath();
    this.shown = { page: "nothing" };
    this.failedLoads += 1;
    if (this.failedLoads >= MOST_LOADS) {
      this.trouble = "not-loaded";
      this.look();
      return;
    }
    this.again(LOAD_AGAIN_MS);
  }

  /** The dashboard is in the window. */
  loaded(): void {
    this.failedLoads = 0;
  }

  private look(): void {
    this.callOff();
    this.rememberPath();
    if (this.trouble !== null && this.state.kind === "running") {
      this.showLocal();
      return;
    }
    const awayMs = this.awaySinceMs === null ? 0 : this.parts.clock.nowMs() - this.awaySinceMs;
    const order = nextPage(this.shown, this.state, this.path, awayMs);
    if (order.show === "dashboard") this.open(order.url);
    else if (order.show === "local" || this.shown.page === "local") this.showLocal();
    this.lookAgain(awayMs);
  }

  /** While it waits, the page's words change with time, and the log grows. */
  private lookAgain(awayMs: number): void {
    const { kind } = this.state;
    if (kind !== "starting" && kind !== "waiting") return;
    if (this.shown.page === "dashboard") this.again(Math.max(1, ABSENCE_MS - awayMs));
    else this.again(awayMs < PATIENCE_MS.veryLong * 2 ? REFRESH_MS : 10 * REFRESH_MS);
  }

  private again(delayMs: number): void {
    this.callOff();
    this.callOff = this.parts.clock.after(delayMs, () => {
      this.look();
    });
  }

  private showLocal(): void {
    const { window, localPage } = this.parts;
    if (this.shown.page !== "local") {
      this.shown = { page: "local" };
      window.load(localPage);
    }
    window.tell(this.view());
  }

  private open(url: string): void {
    const { origin } = new URL(url);
    this.shown = { page: "dashboard", origin };
    this.parts.window.load(url);
  }

  private rememberPath(): void {
    if (this.shown.page !== "dashboard") return;
    const url = this.parts.window.url();
    if (isOurs(url, this.shown.origin)) this.path = url.slice(this.shown.origin.length);
  }
}
