/** What a chart shows as rows of figures: for its table, and for a file without the sidecar. */
import type { Marker } from "../stores/markers";
import type { SeriesTable } from "../stores/series";
import type { Span } from "../stores/timeframe";
import type { Samples } from "./samples";

export type ChartRow =
  | { readonly kind: "values"; readonly tMs: number; readonly values: readonly number[] }
  | { readonly kind: "event"; readonly tMs: number; readonly marker: Marker };

const ROWS_MAX = 48;

/** The span in even steps, newest first, with what happened in between. */
export function rowsOf(
  samples: Samples,
  names: readonly string[],
  span: Span,
  markers: readonly Marker[],
): ChartRow[] {
  const stepMs = Math.max(1_000, (span.toMs - span.fromMs) / ROWS_MAX);
  const rows: ChartRow[] = [];
  for (let tMs = span.toMs; tMs > span.fromMs; tMs -= stepMs) {
    const values = names.map((name) => samples.valueNear(name, tMs, stepMs / 2));
    if (values.some((value) => !Number.isNaN(value))) rows.push({ kind: "values", tMs, values });
  }
  for (const marker of markers) {
    if (marker.tMs < span.fromMs || marker.tMs > span.toMs) continue;
    rows.push({ kind: "event", tMs: marker.tMs, marker });
  }
  return rows.sort((a, b) => b.tMs - a.tMs);
}

const COLUMNS = ["avg", "min", "max", "count"] as const;

/** The stream's samples in the columns that the sidecar's own export has. */
export function streamCsv(table: SeriesTable, names: readonly string[], span: Span): string {
  const head = ["time", "t_ms", ...names.flatMap((name) => COLUMNS.map((one) => `${name}_${one}`))];
  const lines = [head.map(quoted).join(",")];
  for (const { tMs, values } of streamRows(table, names, span)) {
    const cells = values.flatMap((value) =>
      value === null ? ["", "", "", "0"] : [value, value, value, 1].map(String),
    );
    lines.push([new Date(tMs).toISOString(), String(tMs), ...cells].join(","));
  }
  return lines.join("\r\n") + "\r\n";
}

/** The same as JSON. */
export function streamJson(table: SeriesTable, names: readonly string[], span: Span): string {
  const rows = streamRows(table, names, span);
  const series = names.map((name, at) => ({ name, avg: rows.map((row) => row.values[at]) }));
  const document = { from_ms: span.fromMs, to_ms: span.toMs, t_ms: rows.map((row) => row.tMs) };
  return JSON.stringify({ ...document, series });
}

interface StreamRow {
  readonly tMs: number;
  readonly values: readonly (number | null)[];
}

function streamRows(table: SeriesTable, names: readonly string[], span: Span): StreamRow[] {
  const rows: StreamRow[] = [];
  for (let row = table.firstAtOrAfter(span.fromMs); row < table.length; row += 1) {
    const tMs = table.timeAt(row);
    if (tMs > span.toMs) break;
    const found = names.map((name) => table.valueAt(name, row));
    rows.push({ tMs, values: found.map((value) => (Number.isNaN(value) ? null : value)) });
  }
  return rows;
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
