/** Which picture goes where. Pure; the files are drawn by `build-scripts/icons`. */
import type { Tone } from "../api/glance";

const STATES: Readonly<Record<Tone, string>> = {
  good: "ok",
  busy: "ok",
  warning: "warning",
  bad: "failed",
  off: "paused",
};

/** The tray's picture; macOS colours its own. */
export function trayIcon(tone: Tone, platform: NodeJS.Platform): string {
  const name = `tray-${STATES[tone]}`;
  if (platform === "darwin") return `${name}-Template.png`;
  return platform === "win32" ? `${name}.ico` : `${name}.png`;
}

/** The window's picture. */
export function windowIcon(platform: NodeJS.Platform): string {
  return platform === "win32" ? "icon.ico" : "icon.png";
}
