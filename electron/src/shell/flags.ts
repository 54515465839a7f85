/** What the command line asks of the window. Pure. */
import { isLink, linkAmong } from "./deep-link";

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

/** Whether somebody wants the window: a start by the system at login does not. */
export function isSummons({ isHidden, link }: Flags): boolean {
  return !isHidden || link !== null;
}

/** The words for an app that begins anew because somebody asked for it, with the newest link. */
export function wordsAgain(words: readonly string[], link: string | null): string[] {
  const kept = words.filter((word) => word !== HIDDEN && !isLink(word));
  return link === null ? kept : [...kept, link];
}
