/** What the window is made of. Pure; the security of pages is decided here. */
import { PRODUCT } from "../identity";
import { type Rectangle, SMALLEST } from "./placement";

/** Points 2 to 6, 8 to 12 and 20 of Electron's security checklist: SECURITY.md has the table. */
export const PAGE_RIGHTS = {
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  webviewTag: false,
  spellcheck: false,
  navigateOnDragDrop: false,
} as const;

const DARK = "#0d1218";
const LIGHT = "#f3f5f8";

/** Options of the one window. */
export function windowOptions(
  bounds: Rectangle,
  preload: string,
  icon: string,
  isDark: boolean,
  isHidden = false,
) {
  return {
    ...bounds,
    minWidth: SMALLEST.width,
    minHeight: SMALLEST.height,
    title: PRODUCT,
    icon,
    show: false,
    // A page that paints takes itself for visible, and has everything streamed to it each second.
    paintWhenInitiallyHidden: !isHidden,
    backgroundColor: isDark ? DARK : LIGHT,
    webPreferences: { ...PAGE_RIGHTS, preload },
  };
}

/** What closing the window does. */
export type OnClose = "close" | "hide" | "quit";

/** Decides it: hidden only where a person can bring it back. */
export function onClose(facts: {
  readonly isLeaving: boolean;
  readonly platform: NodeJS.Platform;
  readonly hidesToTray: boolean;
  readonly hasTray: boolean;
}): OnClose {
  if (facts.isLeaving) return "close";
  if (facts.hidesToTray && facts.hasTray) return "hide";
  // A closed window on macOS leaves the app in the dock, from where it opens again.
  return facts.platform === "darwin" ? "hide" : "quit";
}

/** How the window first appears. Started hidden without a tray, it waits in the task bar. */
export function firstAppearance(isHidden: boolean, hasTray: boolean): "show" | "minimize" | "none" {
  if (!isHidden) return "show";
  return hasTray ? "none" : "minimize";
}
