/** An incident as bars and words: pure. */
import { formatBytes, formatMs } from "../format/units";
import { text } from "../i18n";
import type { Severity } from "../stores/endpointOrder";
import type { Evidence, Incident, IncidentStep } from "../wire/frames";
import type { IconName } from "./icons";

export interface StepRow {
  readonly key: string;
  readonly label: string;
  readonly detail: string;
  /** Duration in words; empty while it runs or when nothing was measured. */
  readonly duration: string;
  readonly tone: Severity;
  readonly icon: IconName;
  /** Where its bar begins and how wide it is, as shares of the whole repair. */
  readonly start: number;
  readonly width: number;
  readonly running: boolean;
}

const LEAST_WIDTH = 0.006;

export function stepRows(incident: Incident, nowMs: number): StepRow[] {
  const first = Math.min(incident.opened_ms, ...incident.steps.map((step) => step.t_ms));
  const endMs = Math.max(first + 1, ...incident.steps.map((step) => endOf(step, incident, nowMs)));
  const span = endMs - first;
  return incident.steps.map((step, index) => {
    const running = step.ok === null && incident.closed_ms === null;
    const start = (step.t_ms - first) / span;
    const width = Math.max(LEAST_WIDTH, (endOf(step, incident, nowMs) - step.t_ms) / span);
    return {
      key: `${step.step}-${String(index)}`,
      label: text.recovery.steps[step.step] ?? step.step,
      detail: step.detail,
      duration: running
        ? formatMs(Math.max(0, nowMs - step.t_ms))
        : step.duration_ms === null
          ? ""
          : formatMs(step.duration_ms),
      tone: step.ok === false ? "bad" : running ? "busy" : "good",
      icon: step.ok === false ? "cross" : running ? "hourglass" : "check",
      start: Math.min(start, 1 - LEAST_WIDTH),
      width: Math.min(width, 1 - Math.min(start, 1 - LEAST_WIDTH)),
      running,
    };
  });
}

function endOf(step: IncidentStep, incident: Incident, nowMs: number): number {
  if (step.duration_ms !== null) return step.t_ms + step.duration_ms;
  if (step.ok === null && incident.closed_ms === null) return Math.max(nowMs, step.t_ms);
  return step.t_ms;
}

export interface OutcomeLook {
  readonly word: string;
  readonly icon: IconName;
  readonly tone: Severity;
}

export function outcomeLook(incident: Incident): OutcomeLook {
  const words = text.recovery.outcomes;
  switch (incident.outcome) {
    case null:
      return { word: text.recovery.open, icon: "heal", tone: "warning" };
    case "healed":
      return { word: words.healed, icon: "check", tone: "good" };
    case "failed":
      return { word: words.failed, icon: "cross", tone: "bad" };
    case "stopped":
      return { word: words.stopped, icon: "stop", tone: "off" };
    case "false_alarm":
      return { word: words.false_alarm, icon: "minus", tone: "off" };
  }
}

export interface EvidenceFact {
  readonly label: string;
  readonly value: string;
}

export function evidenceFacts(evidence: Evidence): EvidenceFact[] {
  const words = text.recovery;
  const facts: EvidenceFact[] = [];
  if (evidence.pid !== null) facts.push({ label: words.pid, value: String(evidence.pid) });
  if (evidence.exit_code !== null) {
    facts.push({ label: words.exitCode, value: String(evidence.exit_code) });
  }
  if (evidence.signal !== null) facts.push({ label: words.signal, value: evidence.signal });
  if (evidence.rss_bytes !== null) {
    facts.push({ label: words.rss, value: formatBytes(evidence.rss_bytes) });
  }
  if (evidence.port_holder !== null) {
    facts.push({ label: words.portHolder, value: evidence.port_holder });
  }
  if (evidence.oom !== null) facts.push({ label: words.oom, value: evidence.oom });
  return facts;
}
