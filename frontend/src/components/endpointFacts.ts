/** What a card says about an endpoint, apart from its state: pure. */
import {
  formatBytes,
  formatCount,
  formatDurationS,
  formatMs,
  formatPct,
  formatTokensPerS,
  formatUptimePct,
  MISSING,
} from "../format/units";
import { text } from "../i18n";
import type { EndpointView, WireNumber } from "../wire/frames";

export interface Fact {
  readonly id: string;
  readonly label: string;
  readonly value: string;
}

/** Names of the metrics of one endpoint, as the catalogue has them. */
export function metricNames(name: string) {
  return {
    cpuPct: `endpoint/${name}/cpu_pct`,
    rssBytes: `endpoint/${name}/rss_bytes`,
    generation: `model/${name}/generation_tokens_per_s`,
  };
}

export function factsOf(view: EndpointView, latest: (name: string) => WireNumber): Fact[] {
  const names = metricNames(view.name);
  const words = text.endpoint;
  return [
    { id: "response", label: words.response, value: formatMs(view.response_ms) },
    { id: "tokens", label: words.tokens, value: formatTokensPerS(latest(names.generation)) },
    { id: "cpu", label: words.cpu, value: formatPct(latest(names.cpuPct)) },
    { id: "memory", label: words.memory, value: formatBytes(latest(names.rssBytes)) },
    { id: "uptime", label: words.uptime, value: formatUptimePct(view.uptime_24h_pct) },
    { id: "restarts", label: words.restarts, value: formatCount(view.restart_count) },
    { id: "pid", label: words.pid, value: view.pid === null ? MISSING : String(view.pid) },
  ];
}

/** What is going on just now: the repair's step, the attempt, the wait before the next one. */
export function progressOf(view: EndpointView, nowMs: number): string[] {
  const parts: string[] = [];
  if (view.step !== null) {
    parts.push(text.endpoint.step(text.recovery.steps[view.step] ?? view.step));
    if (view.step_since_ms !== null) parts.push(formatMs(Math.max(0, nowMs - view.step_since_ms)));
  }
  if (view.next_step !== null) {
    parts.push(text.endpoint.nextStep(text.recovery.steps[view.next_step] ?? view.next_step));
  }
  if (view.next_attempt_at_ms !== null && view.state === "backoff") {
    parts.push(text.endpoint.nextAttempt(Math.ceil((view.next_attempt_at_ms - nowMs) / 1000)));
  }
  if (view.attempt > 0 && view.state !== "online") {
    parts.push(text.endpoint.attempt(view.attempt, view.attempts_max));
  }
  return parts;
}

export function sinceOf(view: EndpointView, nowMs: number): string {
  return text.endpoint.since(formatDurationS((nowMs - view.since_ms) / 1000));
}
