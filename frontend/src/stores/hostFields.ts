/** What is recorded of another computer. */
import type { KnownSeries } from "../wire/history";
import { getJson } from "../wire/http";

/** A series as a declared field. */
export interface HostField {
  readonly name: string;
  readonly unit: string;
  readonly label: string;
  readonly group: string;
  readonly kind: string;
}

/** Names of all series of a host. @throws ApiError */
export async function loadHostFields(
  host: string | null,
  signal: AbortSignal,
): Promise<readonly HostField[]> {
  const query = host === null ? "" : `?${new URLSearchParams({ host }).toString()}`;
  const answer = await getJson<{ series: readonly KnownSeries[] }>(`/api/history/series${query}`, {
    signal,
  });
  return answer.series.map(({ name, unit, label, group }) => {
    // What only grows is no picture, and its name says so.
    const kind = name.endsWith("_total") ? "counter" : "gauge";
    return { name, unit, label, group, kind };
  });
}

/** Names of the endpoints among the fields. */
export function endpointNames(fields: readonly HostField[]): string[] {
  const names = fields.map((field) => /^(?:endpoint|model)\/(.+)\/[^/]+$/.exec(field.name)?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}
