import { defineStore } from "pinia";
import { computed, shallowRef } from "vue";

import type { EventBody, Incident, Incidents, Snapshot } from "../wire/frames";
import { getJson } from "../wire/http";

const KEPT_MAX = 200;

/** Entries of the recovery log, newest first. */
export const useIncidentsStore = defineStore("incidents", () => {
  const list = shallowRef<readonly Incident[]>([]);
  const known = shallowRef(false);

  const open = computed(() => list.value.filter((incident) => incident.closed_ms === null));

  function takeSnapshot(frame: Snapshot): void {
    // The snapshot's word counts: an incident that it no longer shows as open has been closed.
    const fresh = new Set(frame.incidents.map((incident) => incident.id));
    const older = list.value.filter((one) => !fresh.has(one.id) && one.closed_ms !== null);
    replace([...frame.incidents, ...older]);
    known.value = true;
  }

  function takeEvent(event: EventBody): void {
    if (event.kind !== "incident") return;
    const { incident } = event;
    replace([incident, ...list.value.filter((one) => one.id !== incident.id)]);
  }

  /** Fetch older entries than the stream has sent. @throws ApiError */
  async function loadOlder(): Promise<void> {
    const answer = await getJson<Incidents>(`/api/incidents?limit=${String(KEPT_MAX)}`);
    const live = new Set(list.value.map((incident) => incident.id));
    replace([...list.value, ...answer.incidents.filter((incident) => !live.has(incident.id))]);
  }

  function replace(incidents: Incident[]): void {
    list.value = incidents.sort((a, b) => b.opened_ms - a.opened_ms).slice(0, KEPT_MAX);
  }

  return { list, open, known, takeSnapshot, takeEvent, loadOlder };
});
