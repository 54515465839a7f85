import { BrowserWindow, nativeTheme, screen, type WebContents } from "electron";

import { VIEW_CHANNEL } from "../ipc/channels";
import type { LocalView } from "../shell/local-view";
import type { ShellWindow } from "../shell/ports";
import { boundsFor, type Placement } from "../ui/placement";
import { type OnClose, windowOptions } from "../ui/window-options";

/** What happens to the window; set once, before it is opened. */
export interface WindowEvents {
  closing(): OnClose;
  crashed(why: string): void;
  loadFailed(why: string): void;
  loaded(): void;
  /** Windows ends the session: there is no time to ask for a delay. */
  sessionEnds(): void;
}

const ABORTED = -3;

export class ElectronWindow implements ShellWindow {
  private readonly window: BrowserWindow;

  constructor(placement: Placement | null, preload: string, icon: string, isHidden: boolean) {
    const displays = screen.getAllDisplays().map((display) => display.workArea);
    const main = screen.getPrimaryDisplay().workArea;
    const bounds = boundsFor(placement, [main, ...displays]);
    const isDark = nativeTheme.shouldUseDarkColors;
    this.window = new BrowserWindow(windowOptions(bounds, preload, icon, isDark, isHidden));
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
    // Told by Windows alone.
    window.on("session-end", () => {
      events.sessionEnds();
    });
    contents.on("render-process-gone", (_event, { reason }) => {
      if (reason !== "clean-exit") events.crashed(reason);
    });
    contents.on("did-fail-load", (_event, code, why, url, isMainFrame) => {
      if (isMainFrame && code !== ABORTED && url.startsWith("http")) events.loadFailed(why);
    });
    contents.on("did-finish-load", () => {
      if (contents.getURL().startsWith("http")) events.loaded();
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
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  }

  /** Appears for the first time, as soon as there is something to see. */
  appear(how: "show" | "minimize" | "none"): void {
    if (how === "minimize") this.window.minimize();
    if (how !== "show") return;
    this.window.once("ready-to-show", () => {
      this.window.show();
    });
  }

  hide(): void {
    if (!this.window.isDestroyed()) this.window.hide();
  }

  placement(): Placement {
    const { window } = this;
    return { ...window.getNormalBounds(), isMaximized: window.isMaximized() };
  }

  private maximizeAtFirst(): void {
    this.window.once("show", () => {
      this.window.maximize();
    });
  }
}
