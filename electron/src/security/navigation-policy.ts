/** Where the window may go. Pure verdicts; `guards.ts` puts them into force. */

/** The two things that the window shows, and nothing else. */
export interface Places {
  /** The running sidecar's origin; null while there is none. */
  readonly origin: string | null;
  /** The address of the shell's own page. */
  readonly localPage: string;
}

/** Whether the window may go to this address. */
export function mayNavigate(url: string, places: Places): boolean {
  return url === places.localPage || isOurs(url, places.origin);
}

/** Whether an address is the sidecar's, to the letter of its origin. */
export function isOurs(url: string, origin: string | null): boolean {
  const found = parsed(url);
  // A blob has the origin of whoever made it, and could be anything.
  if (origin === null || found?.protocol !== "http:") return false;
  return found.origin === origin && found.username === "" && found.password === "";
}

export type Outside =
  | { readonly verdict: "open"; readonly url: string }
  /** Not encrypted: a person has to say yes first. */
  | { readonly verdict: "ask"; readonly url: string }
  | { readonly verdict: "refuse" };

/**
 * What becomes of a link that wants out of the window: to the system's browser or mail program, or
 * nowhere. The address is given back as it was parsed, never as it was written.
 */
export function outside(url: string): Outside {
  const found = parsed(url);
  if (found?.username !== "" || found.password !== "") return { verdict: "refuse" };
  if (found.protocol === "https:" || found.protocol === "mailto:") {
    return { verdict: "open", url: found.href };
  }
  return found.protocol === "http:" ? { verdict: "ask", url: found.href } : { verdict: "refuse" };
}

const LOOPBACK: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);
const OWN_SCHEMES: ReadonlySet<string> = new Set(["data:", "blob:", "devtools:"]);

/**
 * Whether the window's storage may load this: the shell's page, and servers of this computer (the
 * sidecar, and the gateway that the playground talks to). Nothing from anywhere else.
 */
export function mayLoad(url: string): boolean {
  const found = parsed(url);
  if (found === null) return false;
  if (OWN_SCHEMES.has(found.protocol)) return true;
  return ["http:", "ws:"].includes(found.protocol) && LOOPBACK.has(found.hostname);
}

/** What may be written to a log of an address: where, never the rest. */
export function placeOf(url: string): string {
  const found = parsed(url);
  if (found === null) return "an address that cannot be read";
  return found.host === "" ? found.protocol : `${found.protocol}//${found.host}`;
}

function parsed(url: string): URL | null {
  try {
    return new URL(url);
  } catch {
    return null;
  }
}
