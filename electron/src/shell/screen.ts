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
      return shown.page === "dashboard" && shown.origin === state.origin
        ? { show: "same" }
        : { show: "dashboard", url: state.origin + path };
    case "failed":
      return shown.page === "local" ? { show: "same" } : { show: "local" };
    case "starting":
    case "waiting":
      if (shown.page === "local") return { show: "same" };
      return shown.page === "dashboard" && absentMs < ABSENCE_MS
        ? { show: "same" }
        : { show: "local" };
    case "stopping":
    case "stopped":
      return { show: "same" };
  }
}
