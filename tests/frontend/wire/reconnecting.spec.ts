import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import {
  ReconnectingSocket,
  streamUrl,
  type LinkStatus,
} from "../../../frontend/src/wire/reconnecting";
import { FakeServer } from "../support/fakeServer";

let server: FakeServer;
let statuses: LinkStatus[];
let messages: unknown[];
let socket: ReconnectingSocket;

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeServer();
  statuses = [];
  messages = [];
  socket = new ReconnectingSocket({
    url: () => "ws://here/metrics",
    protocols: ["p1"],
    onStatus: (status) => statuses.push(status),
    onMessage: (message) => messages.push(message),
    backoff: { jitter: 0 },
    socketFactory: server.factory,
  });
});

afterEach(() => {
  socket.stop();
  vi.useRealTimers();
});

describe("ReconnectingSocket", () => {
  it("connects with its subprotocol and takes binary messages as buffers", () => {
    socket.start();
    expect(server.socket).toMatchObject({ protocol: "p1", binaryType: "arraybuffer" });
    server.socket.accept();
    server.socket.deliver("hi");
    expect(statuses.map((status) => status.phase)).toEqual(["connecting", "open"]);
    expect(messages).toEqual(["hi"]);
  });

  it("waits longer after each failure and says until when", () => {
    socket.start();
    for (const delayMs of [500, 1000, 2000]) {
      server.socket.drop();
      expect(statuses.at(-1)).toMatchObject({ phase: "waiting", retryAtMs: Date.now() + delayMs });
      vi.advanceTimersByTime(delayMs);
    }
    expect(server.sockets).toHaveLength(4);
  });

  it("begins at the short delay again after a connection that lasted", () => {
    socket.start();
    server.socket.drop();
    vi.advanceTimersByTime(500);
    server.socket.drop();
    vi.advanceTimersByTime(1000);
    server.socket.accept();
    vi.advanceTimersByTime(6000);
    server.socket.drop();
    expect(statuses.at(-1)).toMatchObject({ phase: "waiting", retryAtMs: Date.now() + 500 });
  });

  it("does not take a connection that is dropped at once for a good one", () => {
    socket.start();
    for (const delayMs of [500, 1000, 2000]) {
      server.socket.accept();
      server.socket.drop();
      expect(statuses.at(-1)).toMatchObject({ retryAtMs: Date.now() + delayMs });
      vi.advanceTimersByTime(delayMs);
    }
  });

  it("connects at once when told to, and only once", () => {
    socket.start();
    server.socket.drop();
    socket.retryNow();
    socket.retryNow();
    expect(server.sockets).toHaveLength(2);
    vi.advanceTimersByTime(5000);
    expect(server.sockets).toHaveLength(2);
  });

  it("ignores what an old connection still says", () => {
    socket.start();
    const old = server.socket;
    old.accept();
    socket.reopen();
    server.socket.accept();
    old.deliver("late");
    old.drop();
    expect(messages).toEqual([]);
    expect(statuses.at(-1)).toEqual({ phase: "open" });
  });

  it("gives up on a connection that does not open, and tries another", () => {
    socket.start();
    const stuck = server.socket;
    vi.advanceTimersByTime(10_000);
    expect(stuck.closedWith).toBe(4000);
    vi.advanceTimersByTime(500);
    expect(server.sockets).toHaveLength(2);
  });

  it("sends only while it is open, and stays closed after stop", () => {
    socket.start();
    expect(socket.send("x")).toBe(false);
    server.socket.accept();
    expect(socket.send("x")).toBe(true);
    socket.stop();
    expect(server.socket.closedWith).toBe(1000);
    vi.advanceTimersByTime(60_000);
    expect(server.sockets).toHaveLength(1);
    expect(statuses.at(-1)).toEqual({ phase: "closed" });
  });

  it("treats an address that the browser refuses like a lost connection", () => {
    const refusing = new ReconnectingSocket({
      url: () => "nonsense",
      onStatus: (status) => statuses.push(status),
      onMessage: () => undefined,
      backoff: { jitter: 0 },
      socketFactory: () => {
        throw new SyntaxError("bad address");
      },
    });
    refusing.start();
    expect(statuses.at(-1)).toMatchObject({ phase: "waiting", attempt: 1 });
    refusing.stop();
  });
});

describe("streamUrl", () => {
  it("follows the page's own scheme and host", () => {
    const at = (href: string) => streamUrl("/metrics", new URL(href) as unknown as Location);
    expect(at("http://127.0.0.1:8585/logs")).toBe("ws://127.0.0.1:8585/metrics");
    expect(at("https://box.lan/")).toBe("wss://box.lan/metrics");
  });
});
