import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { useSessionStore } from "../../../frontend/src/stores/session";
import { FakeApi } from "../support/fakeApi";
import { event, hello, snapshot, tick } from "../support/frames";
import { freshStores } from "../support/mountPart";

let session: ReturnType<typeof useSessionStore>;

beforeEach(() => {
  vi.useFakeTimers();
  freshStores();
  session = useSessionStore();
});

afterEach(() => {
  vi.useRealTimers();
});

function wait(ms: number): void {
  vi.advanceTimersByTime(ms);
  session.tickClock();
}

describe("the age of what is shown", () => {
  it("is unknown before the first sample", () => {
    wait(60_000);
    expect(session.ageMs).toBeNull();
    expect(session.isStale).toBe(false);
  });

  it("is stale after three intervals, and fresh again with the next sample", () => {
    session.takeFrame(hello({ interval_ms: 2000 }), false);
    session.takeFrame(snapshot(), false);
    wait(6000);
    expect(session.isStale).toBe(false);
    wait(1000);
    expect(session.isStale).toBe(true);
    expect(session.ageMs).toBe(7000);
    session.takeFrame(tick(11), false);
    expect(session.isStale).toBe(false);
  });

  it("counts anew when a page comes back that was served slowly on purpose", () => {
    session.takeFrame(snapshot(), false);
    session.link = { phase: "open" };
    wait(30_000);
    session.returned();
    expect(session.isStale).toBe(false);
  });

  it("does not look fresh on return when the link is down", () => {
    session.takeFrame(snapshot(), false);
    session.link = { phase: "waiting", attempt: 1, retryAtMs: Date.now() + 500 };
    wait(30_000);
    session.returned();
    expect(session.isStale).toBe(true);
  });
});

describe("the link", () => {
  it("counts down to the next attempt in whole seconds", () => {
    session.link = { phase: "waiting", attempt: 2, retryAtMs: Date.now() + 4000 };
    expect(session.retryInS).toBe(4);
    wait(3500);
    expect(session.retryInS).toBe(1);
    wait(5000);
    expect(session.retryInS).toBe(0);
    session.link = { phase: "open" };
    expect(session.retryInS).toBeNull();
  });

  it("knows the sidecar's version and how often it was started anew", () => {
    session.takeFrame(hello(), false);
    session.takeFrame(hello({ instance: "second", server_version: "0.2.0" }), true);
    expect(session.serverVersion).toBe("0.2.0");
    expect(session.sidecarRestarts).toBe(1);
  });
});

describe("monitoring and debug mode", () => {
  it("follow the sidecar", () => {
    expect(session.monitoringActive).toBeNull();
    session.takeFrame(snapshot({ monitoring_active: false }), false);
    expect(session.monitoringActive).toBe(false);
    const body = { kind: "monitoring", active: true, debug_mode: true } as const;
    session.takeFrame(event(6, body), false);
    expect([session.monitoringActive, session.debugMode]).toEqual([true, true]);
  });

  it("are switched through the API, and stay as they were when it refuses", async () => {
    const api = new FakeApi();
    session.takeFrame(snapshot(), false);
    api.succeed("/api/ai-monitor/stop");
    api.succeed("/api/ai-monitor/debug");
    await session.setMonitoring(false);
    expect(await session.setDebug(true)).toBeNull();
    expect([session.monitoringActive, session.debugMode]).toEqual([false, true]);
    expect(api.asked.at(-1)?.body).toEqual({ enabled: true });
    await expect(session.setMonitoring(true)).rejects.toThrow();
    expect(session.monitoringActive).toBe(false);
  });

  it("tells what the sidecar says of a debug mode that it cannot keep", async () => {
    const body = { status: "warning", message: "the disk is full", data: {}, timestamp: "" };
    new FakeApi().answer("/api/ai-monitor/debug", { body });
    expect(await session.setDebug(true)).toBe("the disk is full");
    expect(session.debugMode).toBe(true);
  });
});
