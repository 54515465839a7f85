/** Frames and shapes with what most tests do not care about filled in. */
import type {
  EndpointView,
  EventBody,
  EventFrame,
  Heartbeat,
  Hello,
  Incident,
  Snapshot,
  Tick,
  WireField,
} from "../../../frontend/src/wire/frames";

export const T0 = 1_700_000_000_000;

export function field(id: number, name: string, group = "cpu"): WireField {
  return { id, name, unit: "pct", label: name, group, kind: "gauge" };
}

export const FIELDS: WireField[] = [
  field(0, "cpu_usage_pct"),
  field(1, "memory_usage_pct", "memory"),
  field(2, "network_received_bytes_per_s", "network"),
  field(3, "network_sent_bytes_per_s", "network"),
];

export function hello(more: Partial<Hello> = {}): Hello {
  return {
    type: "hello",
    wire_version: 1,
    server_version: "0.1.0",
    instance: "first",
    interval_ms: 1000,
    fields: FIELDS,
    absent: {},
    capabilities: [],
    ...more,
  };
}

export function snapshot(more: Partial<Snapshot> = {}): Snapshot {
  return {
    type: "snapshot",
    seq: 10,
    event_seq: 5,
    t_ms: T0,
    values: { 0: 12, 1: 50 },
    history: { t_ms: [], columns: {} },
    endpoints: [],
    incidents: [],
    monitoring_active: true,
    debug_mode: false,
    ...more,
  };
}

export function tick(seq: number, values: Tick["values"] = {}, more: Partial<Tick> = {}): Tick {
  return { type: "tick", seq, t_ms: T0 + (seq - 10) * 1000, values, full: false, ...more };
}

export function event(seq: number, body: EventBody): EventFrame {
  return { type: "event", seq, t_ms: T0, event: body };
}

export function endpoint(more: Partial<EndpointView> = {}): EndpointView {
  return {
    name: "demo",
    kind: "embedded",
    url: "http://127.0.0.1:8081",
    port: 8081,
    model: null,
    enabled: true,
    startable: true,
    state: "online",
    since_ms: T0,
    reason: null,
    hint: null,
    step: null,
    step_since_ms: null,
    next_attempt_at_ms: null,
    attempt: 0,
    attempts_max: 5,
    incarnation: 1,
    pid: 4242,
    restart_count: 2,
    response_ms: 3.4,
    last_check_ms: T0,
    last_success_ms: T0,
    error_message: null,
    uptime_24h_pct: 99.5,
    incident_id: null,
    heartbeats: [],
    actions: ["stop", "restart", "heal", "disable"],
    next_step: null,
    proposal: null,
    depends_on: [],
    waiting_for: null,
    ...more,
  };
}

export function beat(more: Partial<Heartbeat> = {}): Heartbeat {
  return { t_ms: T0, ok: true, state: "online", response_ms: 3, reason: null, ...more };
}

export function incident(more: Partial<Incident> = {}): Incident {
  return {
    id: "i1",
    endpoint: "demo",
    cause: "exit",
    summary: "demo was killed by SIGKILL",
    opened_ms: T0,
    closed_ms: null,
    outcome: null,
    duration_ms: null,
    steps: [],
    evidence: {
      pid: null,
      exit_code: null,
      signal: null,
      rss_bytes: null,
      port_holder: null,
      oom: null,
      log_tail: [],
    },
    ...more,
  };
}
