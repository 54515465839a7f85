/** How bad a state is, so that what needs somebody comes first and groups show their worst. */
import type { EndpointState, EndpointView } from "../wire/frames";

export type Severity = "good" | "busy" | "warning" | "bad" | "off";

export const SEVERITY: Readonly<Record<EndpointState, Severity>> = {
  online: "good",
  degraded: "warning",
  starting: "busy",
  loading: "busy",
  stopping: "busy",
  healing: "warning",
  backoff: "warning",
  offline: "bad",
  failed: "bad",
  stopped: "off",
  disabled: "off",
};

export const SERVING: ReadonlySet<EndpointState> = new Set(["online", "degraded"]);
/** States that are on the way to another by themselves. */
export const MOVING: ReadonlySet<EndpointState> = new Set([
  "starting",
  "loading",
  "healing",
  "backoff",
  "stopping",
]);
/** States that a heal would try to change. */
export const UNHEALTHY: ReadonlySet<EndpointState> = new Set([
  "offline",
  "failed",
  "backoff",
  "healing",
  "degraded",
]);

export interface EndpointCounts {
  readonly total: number;
  readonly serving: number;
  readonly bad: number;
  readonly off: number;
}

export function countEndpoints(views: readonly EndpointView[]): EndpointCounts {
  let serving = 0;
  let bad = 0;
  let off = 0;
  for (const view of views) {
    if (SERVING.has(view.state)) serving += 1;
    if (SEVERITY[view.state] === "bad") bad += 1;
    if (SEVERITY[view.state] === "off") off += 1;
  }
  return { total: views.length, serving, bad, off };
}
