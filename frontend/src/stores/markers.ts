/** Moments worth a mark on every chart's time axis. */
import { defineStore } from "pinia";
import { computed } from "vue";

import { text } from "../i18n";
import type { Incident } from "../wire/frames";
import type { HistoryEvent, HistoryEventKind } from "../wire/history";
import { useIncidentsStore } from "./incidents";
import { usePastStore } from "./past";
import { useTimeframeStore } from "./timeframe";

/** `note` is neither good nor bad: a model was loaded, the sidecar started. */
export type MarkerTone = "fault" | "healed" | "failed" | "note";

export interface Marker {
  readonly tMs: number;
  readonly tone: MarkerTone;
  readonly endpoint: string;
  /** What happened, in words. */
  readonly text: string;
}

const TONES: Readonly<Record<HistoryEventKind, MarkerTone>> = {
  failed: "failed",
  offline: "fault",
  breaker_open: "fault",
  healed: "healed",
  online: "healed",
  breaker_closed: "healed",
  restart: "note",
  load: "note",
  unload: "note",
  sidecar_start: "note",
};

/** Faults and how they ended, from the incidents that are known. */
export function markersOf(incidents: readonly Incident[]): Marker[] {
  const markers: Marker[] = [];
  for (const { opened_ms, closed_ms, outcome, endpoint, summary } of incidents) {
    markers.push({ tMs: opened_ms, tone: "fault", endpoint, text: summary });
    if (closed_ms === null) continue;
    const tone = outcome === "failed" ? "failed" : "healed";
    const words = text.markers.ended(endpoint, outcome ?? "healed", closed_ms - opened_ms);
    markers.push({ tMs: closed_ms, tone, endpoint, text: words });
  }
  return markers.sort((a, b) => a.tMs - b.tMs);
}

/** The same from the history, without what `known` incidents say better. */
export function markersOfEvents(
  events: readonly HistoryEvent[],
  known: ReadonlySet<string>,
): Marker[] {
  return events
    .filter((event) => event.incident_id === null || !known.has(event.incident_id))
    .map((event) => ({
      tMs: event.t_ms,
      tone: TONES[event.kind],
      endpoint: event.endpoint ?? "",
      text: event.text,
    }));
}

/** All marks of the time that is on show, oldest first. */
export const useMarkersStore = defineStore("markers", () => {
  const incidents = useIncidentsStore();
  const past = usePastStore();
  const timeframe = useTimeframeStore();

  const list = computed<readonly Marker[]>(() => {
    // The stream knows the incidents of this computer only.
    const own = timeframe.host === null ? incidents.list : [];
    const known = new Set(own.map((incident) => incident.id));
    const markers = [...markersOf(own), ...markersOfEvents(past.events, known)];
    return markers.sort((a, b) => a.tMs - b.tMs);
  });

  return { list };
});
