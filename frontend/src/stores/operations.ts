/** What became of a command, judged by what the endpoint does afterwards: pure. */
import type { EndpointView } from "../wire/frames";
import { SERVING } from "./endpointOrder";

export type Action = "enable" | "disable" | "start" | "stop" | "restart" | "heal";
export const ACTIONS: readonly Action[] = ["start", "stop", "restart", "heal", "enable", "disable"];

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

type Rule = (before: Baseline, now: EndpointView) => Settled;

/** Has the endpoint come to rest where the command wanted it, or elsewhere? */
export function settle(action: Action, before: Baseline, now: EndpointView): Settled {
  return RULES[action](before, now);
}

const untilServing: Rule = (before, now) => {
  if (SERVING.has(now.state)) return "done";
  return hasMoved(before, now) && isGivenUp(now) ? "failed" : "running";
};

const RULES: Readonly<Record<Action, Rule>> = {
  enable: (_before, now) => (now.state === "disabled" ? "running" : "done"),
  disable: (_before, now) => (now.state === "disabled" ? "done" : "running"),
  stop: (before, now) => {
    if (now.state === "stopped" || (now.state === "disabled" && now.pid === null)) return "done";
    return hasMoved(before, now) && now.state === "failed" ? "failed" : "running";
  },
  start: untilServing,
  heal: untilServing,
  // Still serving, in the same life, means that it has not begun.
  restart: (before, now) =>
    now.incarnation > before.incarnation || !SERVING.has(now.state)
      ? untilServing(before, now)
      : "running",
};

function hasMoved(before: Baseline, now: EndpointView): boolean {
  return now.since_ms !== before.sinceMs || now.state !== before.state;
}

function isGivenUp(view: EndpointView): boolean {
  return view.state === "failed" || view.state === "offline";
}
