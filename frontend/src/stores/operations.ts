/** What became of a command, judged by what the endpoint does afterwards: pure. */
import type { EndpointView } from "../wire/frames";
import { SERVING } from "./endpointOrder";

export type Action = "enable" | "disable" | "start" | "stop" | "restart" | "heal";
export const ACTIONS: readonly Action[] = [
  "start",
  "stop",
  "restart",
  "heal",
  "enable",
  "disable",
];

export interface Operation {
  readonly action: Action;
  readonly startedMs: number;
  readonly phase: "running" | "done" | "failed";
  /** Outcome in words; empty while running. */
  readonly text: string;
  readonly hint: string;
  readonly endedMs: number | null;
}

/** How the endpoint stood when the command was given. */
export interface Baseline {
  readonly state: EndpointView["state"];
  readonly sinceMs: number;
  readonly incarnation: number;
}

export type Settled = "running" | "done" | "failed";

export function baselineOf(view: EndpointView): Baseline {
  return { state: view.state, sinceMs: view.since_ms, incarnation: view.incarnation };
}

/** Has the endpoint come to rest where the command wanted it, or elsewhere? */
export function settle(action: Action, before: Baseline, now: EndpointView): Settled {
  const moved = now.since_ms !== before.sinceMs || now.state !== before.state;
  switch (action) {
    case "enable":
      return now.state === "disabled" ? "running" : "done";
    case "disable":
      return now.state === "disabled" ? "done" : "running";
    case "stop":
      if (now.state === "stopped" || now.state === "disabled") return "done";
      return moved && now.state === "failed" ? "failed" : "running";
    case "start":
    case "heal":
      if (SERVING.has(now.state)) return "done";
      return moved && isGivenUp(now) ? "failed" : "running";
    case "restart":
      if (SERVING.has(now.state) && now.incarnation > before.incarnation) return "done";
      return moved && isGivenUp(now) ? "failed" : "running";
  }
}

function isGivenUp(view: EndpointView): boolean {
  return view.state === "failed" || view.state === "offline";
}
