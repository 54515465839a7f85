import { BrowserWindow, nativeTheme, screen, type WebContents } from "electron";

import { systemClock } from "../clock";
import { VIEW_CHANNEL } from "../ipc/channels";
import type { LocalView } from "../shell/local-view";
import type { ShellWindow } from "../shell/ports";
import { FirstShow } from "../ui/first-show";
import { boundsFor, type Placement, rescued } from "../ui/placement";
import { type OnClose, windowOptions } from "../ui/window-options";

/** What happens to the window; set once, before it is opened. */
export interface WindowEvents {
  closing(): OnClose;
  crashed(why: string): void;
  loadFailed(why: string): void;
  loaded(): void;
  /** Windows asks whether the session may end; true to have it wait. */
  sessionAsks(reasons: readonly string[]): boolean;
  /** Windows ends the session: there is no time to ask for a delay. */
  sessionEnds(): void;
}

const ABORTED = -3;

export class ElectronWindow implements ShellWindow {
  private readonly window: BrowserWindow;
  private readonly first: FirstShow;
  private hasFailed = false;

  constructor(placement: Placement | null, preload: string, icon: string, isHidden: boolean) {
    const bounds = boundsFor(placement, workAreas());
    const isDark = nativeTheme.shouldUseDarkColors;
    this.window = new BrowserWindow(windowOptions(bounds, preload, icon, isDark, isHidden));
    this.first = new FirstShow(systemClock, () => {
      if (!this.window.isDestroyed()) this.window.show();
    });
    // From the beginning: the first picture may be there before anybody wants to see it.
    this.window.once("ready-to-show", () => {
      this.first.painted();
    });
    if (placement?.isMaximized === true) this.maximizeAtFirst();
  }

  get contents(): WebContents {
    return this.window.webContents;
  }

  /** Whom to tell what happens. */
  listen(events: WindowEvents): void {
    const { window, contents } = this;
    window.on("close", (event) => {
      if (events.closing() !== "close") event.preventDefault();
    });
    // Both are told by Windows alone, the first not in Electron 22.
    window.on("query-session-end", (event) => {
      if (events.sessionAsks(event.reasons)) event.preventDefault();
    });
    window.on("session-end", () => {
      events.sessionEnds();
    });
    contents.on("render-process-gone", (_event, { reason }) => {
      if (reason !== "clean-exit") events.crashed(reason);
    });
    contents.on("did-start-loading", () => {
      this.hasFailed = false;
    });
    contents.on("did-fail-load", (_event, code, why, url, isMainFrame) => {
      if (!isMainFrame || code === ABORTED || !url.startsWith("http")) return;
      this.hasFailed = true;
      events.loadFailed(why);
    });
    contents.on("did-finish-load", () => {
      // What stands in for a page that failed has its address, and is loaded well.
      if (!this.hasFailed && contents.getURL().startsWith("http")) events.loaded();
    });
  }

  load(url: string): void {
    // What goes wrong is told by did-fail-load; a load that the next one overtakes is no failure.
    this.window.loadURL(url).catch(() => undefined);
  }

  url(): string {
    return this.window.isDestroyed() ? "" : this.contents.getURL();
  }

  tell(view: LocalView): void {
    if (!this.window.isDestroyed()) this.contents.send(VIEW_CHANNEL, view);
  }

  reveal(): void {
    const { window } = this;
    if (window.isDestroyed()) return;
    this.first.decided();
    if (window.isMinimized()) window.restore();
    if (!window.isVisible()) this.rescue();
    window.show();
    window.focus();
  }

  /** Appears for the first time, as soon as there is something to see. */
  appear(how: "show" | "minimize" | "none"): void {
    if (how === "minimize") this.window.minimize();
    if (how === "show") this.first.wanted();
  }

  hide(): void {
    this.first.decided();
    if (!this.window.isDestroyed()) this.window.hide();
  }

  placement(): Placement {
    const { window } = this;
    return { ...window.getNormalBounds(), isMaximized: window.isMaximized() };
  }

  /** The screen that it was hidden on may have been unplugged. */
  private rescue(): void {
    if (this.window.isMaximized() || this.window.isFullScreen()) return;
    const bounds = rescued(this.window.getBounds(), workAreas());
    if (bounds !== null) this.window.setBounds(bounds);
  }

  private maximizeAtFirst(): void {
    this.window.once("show", () => {
      this.window.maximize();
    });
  }
}

/** What can be used of each screen, the main one first. */
function workAreas() {
  const displays = screen.getAllDisplays().map((display) => display.workArea);
  return [screen.getPrimaryDisplay().workArea, ...displays];
}
