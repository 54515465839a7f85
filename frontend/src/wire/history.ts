/** The past, and several computers, as the sidecar tells them over HTTP. */
import { getJson, type RequestOptions } from "./http";
import type { components } from "./types";

type Schemas = components["schemas"];

export type HistoryEvent = Schemas["HistoryMark"];
export type HistoryEventKind = HistoryEvent["kind"];
/** Buckets of one series; all lists are as long as the answer's `t_ms`. */
export type HistorySeries = Schemas["SeriesRange"];
export type HistoryAnswer = Schemas["HistoryRange"];
export type HistoryStats = Schemas["HistoryStats"];
export type HistoryTier = Schemas["TierStats"];
export type KnownSeries = Schemas["SeriesSeen"];
export type FleetAnswer = Schemas["Fleet"];
export type FleetHost = Schemas["HostView"];
export type HostSeverity = FleetHost["severity"];

/** The most series that one question may name. */
export const SERIES_MAX = 64;

export interface PastQuestion {
  readonly series: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  /** Host of whose past is asked; null for this one. */
  readonly host: string | null;
}

function questionOf({ series, fromMs, toMs, host }: PastQuestion): URLSearchParams {
  const query = new URLSearchParams({
    // A comma inside a name is escaped.
    series: series.map((name) => name.replaceAll(",", "\\,")).join(","),
    from: String(Math.round(fromMs)),
    to: String(Math.round(toMs)),
  });
  if (host !== null) query.set("host", host);
  return query;
}

/** At most `points` buckets of each series. @throws ApiError */
export async function fetchPast(
  question: PastQuestion,
  points: number,
  options: RequestOptions,
): Promise<HistoryAnswer> {
  const query = questionOf(question);
  query.set("points", String(points));
  return getJson<HistoryAnswer>(`/api/history?${query.toString()}`, options);
}

/** Where the same comes from as a file. */
export function exportPath(question: PastQuestion, format: "csv" | "json"): string {
  const query = questionOf(question);
  query.set("format", format);
  return `/api/history/export?${query.toString()}`;
}
