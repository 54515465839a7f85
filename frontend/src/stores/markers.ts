/** Moments worth a mark on every chart's time axis. */
import type { Incident } from "../wire/frames";

export type MarkerTone = "fault" | "healed" | "failed";

export interface Marker {
  readonly tMs: number;
  readonly tone: MarkerTone;
  readonly endpoint: string;
}

/** Faults and how they ended, from the incidents that are known. */
export function markersOf(incidents: readonly Incident[]): Marker[] {
  const markers: Marker[] = [];
  for (const { opened_ms, closed_ms, outcome, endpoint } of incidents) {
    markers.push({ tMs: opened_ms, tone: "fault", endpoint });
    if (closed_ms === null) continue;
    markers.push({ tMs: closed_ms, tone: outcome === "failed" ? "failed" : "healed", endpoint });
  }
  return markers.sort((a, b) => a.tMs - b.tMs);
}
