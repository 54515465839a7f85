import { onScopeDispose, shallowRef, type ShallowRef } from "vue";

import type { LogBatch } from "./frames";
import {
  ReconnectingSocket,
  streamUrl,
  type LinkStatus,
  type ReconnectingOptions,
} from "./reconnecting";

export interface LogQuery {
  /** `monitor`, `recovery`, or an endpoint's name. */
  readonly source: string;
  /** Least level to show, empty for all. */
  readonly level: string;
  /** Text that a line contains, empty for all. */
  readonly q: string;
}

export interface LogStreamOptions extends Pick<ReconnectingOptions, "backoff" | "socketFactory"> {
  /** Lines, oldest first. `fresh`: the first of a connection, which begins with the log's end. */
  readonly onBatch: (batch: LogBatch, fresh: boolean) => void;
}

export interface LogStream {
  readonly status: Readonly<ShallowRef<LinkStatus>>;
  /** Follow another source or filter; connects when not connected. */
  follow(query: LogQuery): void;
  retryNow(): void;
}

export function logStreamPath(query: LogQuery): string {
  const params = new URLSearchParams({ source: query.source });
  if (query.level !== "") params.set("level", query.level);
  if (query.q !== "") params.set("q", query.q);
  return `/api/logs/stream?${params.toString()}`;
}

/** The live tail of one log. Closed with the scope that called it. */
export function useLogStream(options: LogStreamOptions): LogStream {
  const status = shallowRef<LinkStatus>({ phase: "closed" });
  let query: LogQuery | null = null;
  let isFresh = true;
  const socket = new ReconnectingSocket({
    ...options,
    url: () => streamUrl(logStreamPath(query ?? { source: "monitor", level: "", q: "" })),
    onStatus: (next) => {
      status.value = next;
    },
    onOpen: () => {
      isFresh = true;
    },
    onMessage: (message) => {
      const batch = batchOf(message);
      if (batch === null) return;
      options.onBatch(batch, isFresh);
      isFresh = false;
    },
  });

  function follow(next: LogQuery): void {
    const first = query === null;
    query = next;
    if (first) socket.start();
    else socket.reopen();
  }

  onScopeDispose(() => {
    socket.stop();
  });
  return {
    status,
    follow,
    retryNow: () => {
      socket.retryNow();
    },
  };
}

/** Every message is one batch, as JSON; anything else is not for us. */
function batchOf(message: unknown): LogBatch | null {
  if (typeof message !== "string") return null;
  try {
    const value: unknown = JSON.parse(message);
    return typeof value === "object" && value !== null && "lines" in value
      ? (value as LogBatch)
      : null;
  } catch {
    return null;
  }
}
