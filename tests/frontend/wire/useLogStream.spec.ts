import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { effectScope, type EffectScope } from "vue";

import {
  logStreamPath,
  useLogStream,
  type LogStream,
} from "../../../frontend/src/wire/useLogStream";
import { FakeServer } from "../support/fakeServer";

let server: FakeServer;
let scope: EffectScope;
let stream: LogStream;
let got: { texts: string[]; fresh: boolean }[];

function batch(...texts: string[]): string {
  const lines = texts.map((text) => ({ source: "monitor", t_ms: null, level: null, text }));
  return JSON.stringify({ type: "lines", lines, skipped_bytes: 0 });
}

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeServer();
  got = [];
  scope = effectScope();
  scope.run(() => {
    stream = useLogStream({
      onBatch: ({ lines }, fresh) => got.push({ texts: lines.map((line) => line.text), fresh }),
      socketFactory: server.factory,
      backoff: { jitter: 0 },
    });
  });
});

afterEach(() => {
  scope.stop();
  vi.useRealTimers();
});

describe("logStreamPath", () => {
  it("leaves out empty filters and encodes the rest", () => {
    expect(logStreamPath({ source: "a/b c", level: "", q: "" })).toBe(
      "/api/logs/stream?source=a%2Fb+c",
    );
    expect(logStreamPath({ source: "monitor", level: "error", q: "x&y" })).toBe(
      "/api/logs/stream?source=monitor&level=error&q=x%26y",
    );
  });
});

describe("useLogStream", () => {
  it("connects only once somebody follows", () => {
    expect(server.sockets).toHaveLength(0);
    stream.follow({ source: "demo", level: "", q: "" });
    expect(server.socket.url).toContain("source=demo");
  });

  it("marks the first batch of each connection as a fresh start", () => {
    stream.follow({ source: "demo", level: "", q: "" });
    server.socket.accept();
    server.socket.deliver(batch("a", "b"));
    server.socket.deliver(batch("c"));
    server.socket.drop();
    vi.advanceTimersByTime(500);
    server.socket.accept();
    server.socket.deliver(batch("b", "c"));
    expect(got).toEqual([
      { texts: ["a", "b"], fresh: true },
      { texts: ["c"], fresh: false },
      { texts: ["b", "c"], fresh: true },
    ]);
  });

  it("asks anew when another source is followed, and hears no more of the old one", () => {
    stream.follow({ source: "demo", level: "", q: "" });
    const old = server.socket;
    old.accept();
    stream.follow({ source: "monitor", level: "warning", q: "" });
    old.deliver(batch("late"));
    expect(server.socket.url).toContain("source=monitor&level=warning");
    expect(got).toEqual([]);
  });

  it("passes over what is no batch", () => {
    stream.follow({ source: "demo", level: "", q: "" });
    server.socket.accept();
    server.socket.deliver("{");
    server.socket.deliver("3");
    server.socket.deliver(new ArrayBuffer(1));
    expect(got).toEqual([]);
  });
});
