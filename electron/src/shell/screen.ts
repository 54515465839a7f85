/** Which page the window shows. Pure. */
import type { SidecarState } from "../sidecar/state";

/** What is in the window now. */
export type Shown =
  { readonly page: "nothing" | "local" } | { readonly page: "dashboard"; readonly origin: string };

export type Order =
  | { readonly show: "local" }
  | { readonly show: "dashboard"; readonly url: string }
  | { readonly show: "same" };

/**
 * How long the dashboard stays while its sidecar is away: it says itself that it is cut off and
 * comes back by itself.
 */
export const ABSENCE_MS = 8000;

/**
 * What to show. `path` is where in the dashboard the person was; `absentMs` says for how long the
 * sidecar has been away.
 */
export function nextPage(shown: Shown, state: SidecarState, path: string, absentMs: number): Order {
  switch (state.kind) {
    case "running":
      return dashboard(shown, state.origin, path);
    case "failed":
      return local(shown);
    case "starting":
    case "waiting":
      return shown.page === "dashboard" && absentMs < ABSENCE_MS ? SAME : local(shown);
    case "stopping":
    case "stopped":
      return SAME;
  }
}

const SAME: Order = { show: "same" };

function dashboard(shown: Shown, origin: string, path: string): Order {
  const isThere = shown.page === "dashboard" && shown.origin === origin;
  return isThere ? SAME : { show: "dashboard", url: origin + path };
}

function local(shown: Shown): Order {
  return shown.page === "local" ? SAME : { show: "local" };
}
