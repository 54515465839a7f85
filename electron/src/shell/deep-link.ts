/** Links that other programs and web pages may give us. They show something and change nothing. */
import { SCHEME } from "../identity";

/** Page in a link → path in the dashboard. */
const PAGES: ReadonlyMap<string, string> = new Map([
  ["overview", "/"],
  ...["endpoints", "machine", "fleet", "gateway", "playground", "recovery"].map(same),
  ...["alerts", "settings", "setup", "logs"].map(same),
]);
const LONGEST_LINK = 600;
const LONGEST_NAME = 200;

/**
 * The dashboard's path for `llama-runner-pro://open/PAGE` or `llama-runner-pro://open/endpoint/NAME`;
 * null for everything else.
 */
export function pathOfLink(link: string): string | null {
  if (link.length > LONGEST_LINK) return null;
  const prefix = `${SCHEME}://open/`;
  if (!link.toLowerCase().startsWith(prefix)) return null;
  const rest = link.slice(prefix.length).replace(/\/$/, "");
  if (/[?#\\]/.test(rest)) return null;
  const [page = "", name, ...more] = rest.split("/");
  if (more.length > 0) return null;
  if (name === undefined) return PAGES.get(page) ?? null;
  return page === "endpoint" ? pathOfEndpoint(name) : null;
}

/** Whether a word of a command line is a link of ours, valid or not. */
export function isLink(word: string): boolean {
  return word.toLowerCase().startsWith(`${SCHEME}:`);
}

/** The first link among a command line's words, valid or not; null when there is none. */
export function linkAmong(words: readonly string[]): string | null {
  return words.find(isLink) ?? null;
}

function pathOfEndpoint(encoded: string): string | null {
  const name = decoded(encoded);
  if (name === null || name.trim() === "" || name.length > LONGEST_NAME) return null;
  if (/\p{Cc}/u.test(name)) return null;
  return `/endpoints/detail?name=${encodeURIComponent(name)}`;
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function same(page: string): readonly [string, string] {
  return [page, `/${page}`];
}
