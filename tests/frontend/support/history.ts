/** Answers about the past, with what most tests do not care about filled in. */
import type {
  FleetAnswer,
  FleetHost,
  HistoryAnswer,
  HistorySeries,
  HistoryStats,
} from "../../../frontend/src/wire/history";
import { T0 } from "./frames";

export function pastSeries(
  name: string,
  avg: readonly (number | null)[],
  more: Partial<HistorySeries> = {},
): HistorySeries {
  return {
    name,
    unit: "pct",
    label: name,
    group: "cpu",
    avg,
    min: avg.map((value) => (value === null ? null : value - 1)),
    max: avg.map((value) => (value === null ? null : value + 10)),
    count: avg.map((value) => (value === null ? 0 : 4)),
    ...more,
  };
}

/** Buckets of a minute from T0 on. */
export function answer(
  series: readonly HistorySeries[],
  more: Partial<HistoryAnswer> = {},
): HistoryAnswer {
  const length = series[0]?.avg.length ?? 0;
  const t_ms = Array.from({ length }, (_, at) => T0 + at * 60_000);
  return {
    backend: "embedded",
    host: null,
    from_ms: T0,
    to_ms: T0 + length * 60_000,
    step_ms: 60_000,
    tier: "1m",
    t_ms,
    series,
    unknown: [],
    events: [],
    note: null,
    ...more,
  };
}

export function stats(more: Partial<HistoryStats> = {}): HistoryStats {
  return {
    backend: "embedded",
    available: true,
    reason: null,
    file_bytes: 40_000_000,
    max_bytes: 200_000_000,
    estimated_bytes_full: 120_000_000,
    series_count: 60,
    max_series: 500,
    refused_series: 0,
    tiers: [{ name: "1s", step_s: 1, keep_s: 3600, rows: 100, oldest_ms: T0 }],
    set_aside: null,
    dropped_samples: 0,
    ...more,
  };
}

export function host(name: string, more: Partial<FleetHost> = {}): FleetHost {
  return {
    host: name,
    up: true,
    last_seen_ms: T0,
    severity: "ok",
    problems: [],
    cpu_usage_pct: 12,
    memory_usage_pct: 40,
    gpu_utilization_pct: null,
    gpu_memory_usage_pct: null,
    endpoints_total: 2,
    endpoints_online: 2,
    endpoints_failed: 0,
    alerts_active: 0,
    version: "0.1.0",
    ...more,
  };
}

export function fleet(hosts: readonly FleetHost[], more: Partial<FleetAnswer> = {}): FleetAnswer {
  return {
    backend: "prometheus",
    this_host: hosts[0]?.host ?? "",
    available: true,
    reason: null,
    hosts,
    ...more,
  };
}
