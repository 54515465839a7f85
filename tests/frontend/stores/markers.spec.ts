import { beforeEach, describe, expect, it } from "vitest";

import { useIncidentsStore } from "../../../frontend/src/stores/incidents";
import { markersOfEvents, useMarkersStore } from "../../../frontend/src/stores/markers";
import { usePastStore } from "../../../frontend/src/stores/past";
import { useTimeframeStore } from "../../../frontend/src/stores/timeframe";
import type { HistoryEvent } from "../../../frontend/src/wire/history";
import { incident, snapshot, T0 } from "../support/frames";
import { freshStores } from "../support/mountPart";

function event(more: Partial<HistoryEvent> = {}): HistoryEvent {
  return { t_ms: T0, kind: "load", endpoint: "demo", text: "loaded", incident_id: null, ...more };
}

beforeEach(() => {
  freshStores();
});

describe("marks on the time axis", () => {
  it("tell faults, recoveries and the rest apart", () => {
    const kinds = ["offline", "failed", "healed", "load", "sidecar_start"] as const;
    const marks = markersOfEvents(
      kinds.map((kind) => event({ kind })),
      new Set(),
    );
    expect(marks.map(({ tone }) => tone)).toEqual(["fault", "failed", "healed", "note", "note"]);
  });

  it("name an incident once, whether the stream or the history tells of it", () => {
    useIncidentsStore().takeSnapshot(
      snapshot({ incidents: [incident({ id: "i1", closed_ms: T0 + 5, outcome: "healed" })] }),
    );
    usePastStore().events = [
      event({ kind: "offline", incident_id: "i1" }),
      event({ kind: "offline", incident_id: "old", text: "long ago", t_ms: T0 - 5 }),
    ];
    const { list } = useMarkersStore();
    expect(list.map(({ text }) => text)).toEqual([
      "long ago",
      "demo was killed by SIGKILL",
      expect.stringContaining("healed after"),
    ]);
  });

  it("show nothing of this computer on another's charts", () => {
    useIncidentsStore().takeSnapshot(snapshot({ incidents: [incident()] }));
    useTimeframeStore().host = "other";
    expect(useMarkersStore().list).toEqual([]);
  });
});
