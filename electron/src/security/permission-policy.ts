/** What a page may ask of the system. Pure. */
import { isOurs } from "./navigation-policy";

/** The whole list. Whatever is not here is refused, to our own page as well. */
const ALLOWED: ReadonlySet<string> = new Set([
  // "Copy" buttons.
  "clipboard-sanitized-write",
  // Alarms, once they are turned on in the page.
  "notifications",
  // Charts on a wall.
  "fullscreen",
]);

/** Whether `permission` is given to the page at `url`. */
export function mayHave(permission: string, url: string, origin: string | null): boolean {
  return ALLOWED.has(permission) && isOurs(url, origin);
}

/** Whether a download from `url` is one of ours: exports and bundles, also those made in the page. */
export function mayDownload(url: string, origin: string | null): boolean {
  const inner = url.startsWith("blob:") ? url.slice("blob:".length) : url;
  return isOurs(inner, origin);
}
