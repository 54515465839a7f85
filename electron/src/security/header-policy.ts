/** Which requests carry the access token. Pure. */
import type { Access } from "../sidecar/state";

type Headers = Readonly<Record<string, string>>;

/**
 * The headers to send to `url`. The token goes to exactly the sidecar's origin, over http and ws;
 * from any other request it is taken off again, for a redirect keeps what was set before it.
 */
export function headersFor(url: string, headers: Headers, access: Access | null): Headers {
  if (access === null) return headers;
  const bearer = `Bearer ${access.token}`;
  const others = Object.entries(headers).filter(
    ([name, value]) => name.toLowerCase() !== "authorization" || value !== bearer,
  );
  if (!isOrigin(url, access.origin)) return Object.fromEntries(others);
  const kept = others.filter(([name]) => name.toLowerCase() !== "authorization");
  return { ...Object.fromEntries(kept), Authorization: bearer };
}

function isOrigin(url: string, origin: string): boolean {
  try {
    const { protocol, host, username, password } = new URL(url);
    const isClean = username === "" && password === "";
    return isClean && ["http:", "ws:"].includes(protocol) && `http://${host}` === origin;
  } catch {
    return false;
  }
}
