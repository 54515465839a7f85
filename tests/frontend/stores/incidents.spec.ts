import { beforeEach, describe, expect, it } from "vitest";

import { useIncidentsStore } from "../../../frontend/src/stores/incidents";
import { markersOf } from "../../../frontend/src/stores/markers";
import { FakeApi } from "../support/fakeApi";
import { incident, snapshot, T0 } from "../support/frames";
import { freshStores } from "../support/mountPart";

let incidents: ReturnType<typeof useIncidentsStore>;

const OLD = incident({ id: "old", opened_ms: T0 - 9000, closed_ms: T0 - 8000, outcome: "healed" });
const OPEN = incident({ id: "open", opened_ms: T0 });

beforeEach(() => {
  freshStores();
  incidents = useIncidentsStore();
});

function ids(): string[] {
  return incidents.list.map((one) => one.id);
}

describe("incidents", () => {
  it("stand newest first, with the open ones apart", () => {
    incidents.takeSnapshot(snapshot({ incidents: [OLD, OPEN] }));
    expect(ids()).toEqual(["open", "old"]);
    expect(incidents.open.map((one) => one.id)).toEqual(["open"]);
  });

  it("take the place of their former self as they go on", () => {
    incidents.takeSnapshot(snapshot({ incidents: [OPEN] }));
    const closed = { ...OPEN, closed_ms: T0 + 900, outcome: "healed" as const };
    incidents.takeEvent({ kind: "incident", incident: closed });
    expect(ids()).toEqual(["open"]);
    expect(incidents.open).toEqual([]);
  });

  it("that were open and are not in a new snapshot are gone, closed ones stay", () => {
    incidents.takeSnapshot(snapshot({ incidents: [OPEN, OLD] }));
    incidents.takeSnapshot(snapshot({ incidents: [] }));
    expect(ids()).toEqual(["old"]);
  });

  it("of older days are loaded without overwriting what is live", async () => {
    const api = new FakeApi();
    const stale = { ...OPEN, summary: "as it was" };
    api.answer("/api/incidents?limit=200", { body: { incidents: [stale, OLD] } });
    incidents.takeSnapshot(snapshot({ incidents: [OPEN] }));
    await incidents.loadOlder();
    expect(ids()).toEqual(["open", "old"]);
    expect(incidents.list[0]?.summary).toBe(OPEN.summary);
  });
});

describe("markersOf", () => {
  it("marks each fault and how it ended, in order of time", () => {
    const failed = incident({
      opened_ms: T0 - 500,
      closed_ms: T0 + 500,
      outcome: "failed",
      endpoint: "x",
    });
    expect(markersOf([OPEN, failed, OLD]).map(({ tMs, tone }) => [tMs - T0, tone])).toEqual([
      [-9000, "fault"],
      [-8000, "healed"],
      [-500, "fault"],
      [0, "fault"],
      [500, "failed"],
    ]);
  });
});
