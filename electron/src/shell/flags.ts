/** What the command line asks of the window. Pure. */
import { linkAmong } from "./deep-link";

export interface Flags {
  /** Started by the system at login: stay in the background. */
  readonly isHidden: boolean;
  /** A link to follow; not yet looked at. */
  readonly link: string | null;
}

export const HIDDEN = "--hidden";

/** Reads the words after the program's name; those of Chromium are its own business. */
export function readFlags(words: readonly string[]): Flags {
  return { isHidden: words.includes(HIDDEN), link: linkAmong(words) };
}
