/** Alerts, messages and channels with what most tests do not care about filled in. */
import type { Alert, ChannelView, Delivery } from "../../../frontend/src/wire/frames";
import { T0 } from "./frames";

export function alert(more: Partial<Alert> = {}): Alert {
  return {
    id: "a1",
    rule: "endpoint_failed",
    severity: "critical",
    subject: "web",
    endpoint: "web",
    title: "web has failed",
    message: "It gave up.",
    hint: "See its log.",
    raised_ms: T0,
    resolved_ms: null,
    resolution: null,
    resolution_text: "",
    acknowledged_ms: null,
    incident_id: null,
    ...more,
  };
}

export function delivery(more: Partial<Delivery> = {}): Delivery {
  return {
    id: "d1",
    alert_id: "a1",
    channel: "phone",
    purpose: "alarm",
    title: "web has failed",
    body: "It gave up.",
    severity: "critical",
    state: "queued",
    attempts: 0,
    reason: null,
    created_ms: T0,
    next_attempt_ms: null,
    expires_ms: T0 + 1000,
    ended_ms: null,
    ...more,
  };
}

export function channel(more: Partial<ChannelView> = {}): ChannelView {
  return {
    name: "phone",
    kind: "ntfy",
    address: "https://ntfy.example/•••",
    enabled: true,
    min_severity: "warning",
    health: "ok",
    reason: null,
    failures: 0,
    waiting: 0,
    last_sent_ms: null,
    paused_until_ms: null,
    ...more,
  };
}
