/** Single-key shortcuts: which key means what, and when it must not. */
import { onBeforeUnmount, onMounted } from "vue";

export type Command =
  | "pause"
  | "help"
  | "theme"
  | "retry"
  | "filter"
  | "range1"
  | "range2"
  | "range3"
  | "range4"
  | "range5"
  | "range6"
  | "range7"
  | "zoomIn"
  | "zoomOut"
  | "earlier"
  | "later"
  | "now"
  | "stat"
  | "machine"
  | "gateway"
  | "playground"
  | "fleet"
  | "overview"
  | "endpoints"
  | "recovery"
  | "alerts"
  | "logs"
  | "settings";

const SINGLE: Readonly<Record<string, Command>> = {
  " ": "pause",
  "?": "help",
  t: "theme",
  r: "retry",
  "/": "filter",
  "1": "range1",
  "2": "range2",
  "3": "range3",
  "4": "range4",
  "5": "range5",
  "6": "range6",
  "7": "range7",
  "+": "zoomIn",
  "-": "zoomOut",
  ",": "earlier",
  ".": "later",
  "0": "now",
  m: "stat",
};
const AFTER_G: Readonly<Record<string, Command>> = {
  o: "overview",
  e: "endpoints",
  r: "recovery",
  a: "alerts",
  l: "logs",
  s: "settings",
  m: "machine",
  f: "fleet",
  g: "gateway",
  p: "playground",
};
/** How long `g` waits for its second letter, in milliseconds. */
const SEQUENCE_MS = 1_500;
/** Choices take arrows and Space, but no letters: shortcuts go on after a click on one. */
const CHOICES = "[type=radio], [type=checkbox]";
const TYPES = `input:not(${CHOICES}), select, textarea, [contenteditable], [role=dialog]`;
const TAKES_SPACE = `${TYPES}, ${CHOICES}, button, a[href], summary, pre, [role=region], [role=switch]`;

/** Keys as they come, commands as they go out. */
export class ShortcutReader {
  #awaitsSecond = Number.NEGATIVE_INFINITY;

  read(event: KeyboardEvent): Command | null {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return null;
    if (!isFree(event)) return null;
    if (event.timeStamp - this.#awaitsSecond <= SEQUENCE_MS) {
      this.#awaitsSecond = Number.NEGATIVE_INFINITY;
      const command = AFTER_G[event.key];
      if (command !== undefined) return command;
    }
    if (event.key === "g") {
      this.#awaitsSecond = event.timeStamp;
      return null;
    }
    return SINGLE[event.key] ?? null;
  }
}

/** Nobody else has a use for this key where the focus is. */
function isFree(event: KeyboardEvent): boolean {
  const { target } = event;
  if (!(target instanceof Element)) return true;
  if (event.key === " ") return target.closest(TAKES_SPACE) === null;
  // Letters mean nothing to buttons and links, so that shortcuts work after a click on one.
  return target.closest(TYPES) === null;
}

export function useShortcuts(isOn: () => boolean, act: (command: Command) => void): void {
  const reader = new ShortcutReader();
  const onKey = (event: KeyboardEvent) => {
    const command = reader.read(event);
    if (command === null || !isOn()) return;
    event.preventDefault();
    act(command);
  };
  onMounted(() => {
    window.addEventListener("keydown", onKey);
  });
  onBeforeUnmount(() => {
    window.removeEventListener("keydown", onKey);
  });
}
