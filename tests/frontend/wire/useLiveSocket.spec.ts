import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { effectScope, type EffectScope } from "vue";

import type { ServerFrame } from "../../../frontend/src/wire/frames";
import { useLiveSocket, type LiveSocket } from "../../../frontend/src/wire/useLiveSocket";
import { setHidden } from "../support/dom";
import { FakeServer } from "../support/fakeServer";
import { hello, snapshot, T0, tick } from "../support/frames";

let server: FakeServer;
let scope: EffectScope;
let live: LiveSocket;
let got: { frame: ServerFrame; newInstance: boolean }[];

beforeEach(() => {
  vi.useFakeTimers();
  setHidden(false);
  server = new FakeServer();
  got = [];
  scope = effectScope();
  scope.run(() => {
    live = useLiveSocket({
      onFrame: (frame, newInstance) => got.push({ frame, newInstance }),
      socketFactory: server.factory,
      backoff: { jitter: 0 },
    });
  });
  live.start();
  server.socket.accept();
});

afterEach(() => {
  scope.stop();
  vi.useRealTimers();
});

describe("useLiveSocket", () => {
  it("asks for the msgpack stream of the page's own server", () => {
    expect(server.socket.url).toMatch(/^ws:\/\/.+\/metrics$/);
    expect(server.socket.protocol).toBe("llama-runner.v1.msgpack");
  });

  it("hands decoded frames on in order", () => {
    server.tell(hello(), snapshot(), tick(11, { 0: 3 }));
    expect(got.map(({ frame }) => frame.type)).toEqual(["hello", "snapshot", "tick"]);
    expect(got[2]?.frame).toMatchObject({ values: { "0": 3 } });
  });

  it("resumes after a loss with its last event and its last sample", () => {
    server.tell(hello(), snapshot(), tick(11));
    server.socket.drop();
    vi.advanceTimersByTime(500);
    server.socket.accept();
    server.tell(hello());
    expect(server.socket.said).toEqual([{ type: "resume", seq: 5, since_ms: T0 + 1000 }]);
  });

  it("tells when another sidecar answers, and asks it for nothing old", () => {
    server.tell(hello(), snapshot());
    server.socket.drop();
    vi.advanceTimersByTime(500);
    server.socket.accept();
    server.tell(hello({ instance: "second" }));
    expect(got.at(-1)?.newInstance).toBe(true);
    expect(server.socket.said).toEqual([]);
  });

  it("counts what it cannot read and carries on", () => {
    server.socket.deliver("no frame");
    server.tell(hello());
    expect(live.unreadable.value).toBe(1);
    expect(got).toHaveLength(1);
  });

  it("says when the page is hidden and when it is seen again", () => {
    setHidden(true);
    setHidden(false);
    expect(server.socket.said).toEqual([
      { type: "visible", visible: false },
      { type: "visible", visible: true },
    ]);
  });

  it("tells a new connection at once that nobody looks", () => {
    setHidden(true);
    server.socket.drop();
    vi.advanceTimersByTime(500);
    server.socket.accept();
    expect(server.socket.said).toEqual([{ type: "visible", visible: false }]);
  });

  it("does not wait any longer when the page comes back to the front", () => {
    server.socket.drop();
    setHidden(false);
    expect(server.sockets).toHaveLength(2);
  });

  it("keeps the reason of a goodbye until the next connection opens", () => {
    server.tell({ type: "bye", code: 1001, reason: "the sidecar is stopping" });
    server.socket.drop();
    expect(live.farewell.value?.reason).toBe("the sidecar is stopping");
    vi.advanceTimersByTime(500);
    server.socket.accept();
    expect(live.farewell.value).toBeNull();
  });

  it("ends with the scope that opened it", () => {
    scope.stop();
    expect(server.socket.closedWith).toBe(1000);
    expect(live.status.value).toEqual({ phase: "closed" });
  });
});
