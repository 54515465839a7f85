import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { effectScope, type EffectScope } from "vue";

import { useEndpointsStore } from "../../../frontend/src/stores/endpoints";
import { useIncidentsStore } from "../../../frontend/src/stores/incidents";
import { useLive } from "../../../frontend/src/stores/live";
import { useMetricsStore } from "../../../frontend/src/stores/metrics";
import { useNoticesStore } from "../../../frontend/src/stores/notices";
import { useSessionStore } from "../../../frontend/src/stores/session";
import { ApiError } from "../../../frontend/src/wire/http";
import { FakeServer } from "../support/fakeServer";
import { endpoint, event, hello, incident, snapshot, T0, tick } from "../support/frames";
import { freshStores } from "../support/mountPart";

let server: FakeServer;
let scope: EffectScope;

beforeEach(() => {
  vi.useFakeTimers();
  freshStores();
  server = new FakeServer();
  scope = effectScope();
  scope.run(() => useLive({ socketFactory: server.factory, backoff: { jitter: 0 } }));
  server.socket.accept();
});

afterEach(() => {
  scope.stop();
  vi.useRealTimers();
});

describe("useLive", () => {
  it("fills every store from the stream", () => {
    server.tell(
      hello(),
      snapshot({ endpoints: [endpoint()], incidents: [incident()] }),
      tick(11, { 0: 44 }),
      event(6, { kind: "endpoint", endpoint: endpoint({ state: "healing" }) }),
    );
    vi.advanceTimersByTime(50);
    expect(useMetricsStore().latest("cpu_usage_pct")).toBe(44);
    expect(useEndpointsStore().list[0]?.state).toBe("healing");
    expect(useIncidentsStore().open).toHaveLength(1);
    expect(useSessionStore().isOpen).toBe(true);
  });

  it("fills the hole of an interruption from the history that it resumes with", () => {
    const metrics = useMetricsStore();
    server.tell(hello(), snapshot(), tick(11, { 0: 1 }));
    server.socket.drop();
    vi.advanceTimersByTime(500);
    server.socket.accept();
    server.tell(hello());
    const times = [2, 3, 4].map((s) => T0 + s * 1000);
    server.tell(
      snapshot({
        seq: 14,
        t_ms: T0 + 4000,
        values: { 0: 4 },
        history: { t_ms: times, columns: { 0: [2, 3, 4] } },
      }),
    );
    const values = Array.from({ length: metrics.table.length }, (_, row) =>
      metrics.table.valueAt("cpu_usage_pct", row),
    );
    expect(values).toEqual([12, 1, 2, 3, 4]);
  });

  it("says why the sidecar closed the connection", () => {
    server.tell({ type: "bye", code: 1001, reason: "stopping" });
    server.socket.drop();
    const session = useSessionStore();
    expect(session.farewellReason).toBe("stopping");
    expect(session.link.phase).toBe("waiting");
  });

  it("moves the clock by which ages are told", () => {
    const before = useSessionStore().nowMs;
    vi.advanceTimersByTime(3000);
    expect(useSessionStore().nowMs - before).toBe(3000);
  });
});

describe("notices", () => {
  it("of success go away by themselves, those of trouble stay until they are dismissed", async () => {
    const notices = useNoticesStore();
    await notices.attempt("It could not be switched", () =>
      Promise.reject(new ApiError("refused", 409, "wait")),
    );
    notices.show("good", "Healed");
    expect(notices.list.map((notice) => notice.tone)).toEqual(["bad", "good"]);
    vi.advanceTimersByTime(60_000);
    expect(notices.list).toMatchObject([
      { tone: "bad", title: "It could not be switched", detail: "Refused. Wait." },
    ]);
    notices.dismiss(notices.list[0]?.id ?? 0);
    expect(notices.list).toEqual([]);
  });

  it("do not hide errors that are bugs", async () => {
    const bug = () => Promise.reject(new TypeError("bug"));
    await expect(useNoticesStore().attempt("x", bug)).rejects.toThrow("bug");
  });
});
