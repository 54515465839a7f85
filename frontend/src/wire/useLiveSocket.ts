import { onScopeDispose, shallowRef, type ShallowRef } from "vue";

import { decodeFrame, encodeFrame, FrameError, MSGPACK_PROTOCOL } from "./codec";
import type { Bye, ClientFrame, ServerFrame } from "./frames";
import {
  ReconnectingSocket,
  streamUrl,
  type LinkStatus,
  type ReconnectingOptions,
} from "./reconnecting";
import { accept, disconnected, NO_SEQUENCE, type Sequence } from "./sequence";

export interface LiveSocketOptions extends Pick<
  ReconnectingOptions,
  "backoff" | "openTimeoutMs" | "socketFactory"
> {
  /** Every frame that is new, in order. `newInstance`: the sidecar was started anew. */
  readonly onFrame: (frame: ServerFrame, newInstance: boolean) => void;
  /** @default the page's own server */
  readonly url?: () => string;
  /** @default llama-runner.v1.msgpack */
  readonly protocol?: string;
}

export interface LiveSocket {
  readonly status: Readonly<ShallowRef<LinkStatus>>;
  /** Why the server said goodbye last, until the next connection opens. */
  readonly farewell: Readonly<ShallowRef<Bye | null>>;
  /** Frames that could not be read since the page was opened. */
  readonly unreadable: Readonly<ShallowRef<number>>;
  start(): void;
  stop(): void;
  /** Ask for these groups of fields, and their last 15 minutes; null for the usual ones. */
  follow(groups: readonly string[] | null): void;
  retryNow(): void;
}

/**
 * The metrics stream: connects, comes back, resumes, and says whether the page can be seen.
 *
 * Commands never travel here. Closed with the scope that called it.
 */
export function useLiveSocket(options: LiveSocketOptions): LiveSocket {
  const status = shallowRef<LinkStatus>({ phase: "closed" });
  const farewell = shallowRef<Bye | null>(null);
  const unreadable = shallowRef(0);
  const protocol = options.protocol ?? MSGPACK_PROTOCOL;
  let sequence: Sequence = NO_SEQUENCE;

  const socket = new ReconnectingSocket({
    ...options,
    url: options.url ?? (() => streamUrl("/metrics")),
    protocols: [protocol],
    onStatus: (next) => {
      status.value = next;
      if (next.phase === "open") farewell.value = null;
    },
    onOpen: sendVisibility,
    onMessage: receive,
    onDown: () => {
      sequence = disconnected(sequence);
    },
  });

  function send(frame: ClientFrame): void {
    socket.send(encodeFrame(frame, protocol));
  }

  function receive(message: unknown): void {
    let frame: ServerFrame;
    try {
      frame = decodeFrame(message);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      unreadable.value += 1;
      return;
    }
    const verdict = accept(sequence, frame);
    sequence = verdict.next;
    if (verdict.ask !== null) send(verdict.ask);
    if (frame.type === "bye") farewell.value = frame;
    if (verdict.deliver) options.onFrame(frame, verdict.newInstance);
  }

  function follow(groups: readonly string[] | null): void {
    send({ type: "subscribe", groups, interval_ms: null });
    const { instance, eventSeq } = sequence;
    // What these groups did before now comes with a snapshot.
    if (groups !== null && instance !== null && !sequence.awaitingSnapshot) {
      sequence = { ...sequence, awaitingSnapshot: true };
      send({ type: "resume", seq: eventSeq ?? 0, since_ms: 0 });
    }
  }

  function sendVisibility(): void {
    // Visible is what the server assumes of a new session.
    if (document.hidden) send({ type: "visible", visible: false });
  }

  function onVisibilityChange(): void {
    send({ type: "visible", visible: !document.hidden });
    if (!document.hidden) socket.retryNow();
  }

  function start(): void {
    document.addEventListener("visibilitychange", onVisibilityChange);
    socket.start();
  }

  function stop(): void {
    document.removeEventListener("visibilitychange", onVisibilityChange);
    socket.stop();
  }

  onScopeDispose(stop, true);
  return {
    status,
    farewell,
    unreadable,
    start,
    stop,
    follow,
    retryNow: () => {
      socket.retryNow();
    },
  };
}
