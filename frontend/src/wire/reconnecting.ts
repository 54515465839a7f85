import { backoffMs, type BackoffOptions } from "./backoff";

/** The part of the browser's WebSocket that is used here, so that tests can bring their own. */
export interface SocketLike {
  binaryType: BinaryType;
  readonly protocol: string;
  readonly readyState: number;
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  onerror: ((event: Event) => void) | null;
  send(message: string | ArrayBufferView<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
}

export type SocketFactory = (url: string, protocols: readonly string[]) => SocketLike;

export type LinkStatus =
  | { readonly phase: "connecting"; readonly attempt: number }
  | { readonly phase: "open" }
  | { readonly phase: "waiting"; readonly attempt: number; readonly retryAtMs: number }
  | { readonly phase: "closed" };

export interface ReconnectingOptions {
  /** Address for the next connection; asked anew each time. */
  readonly url: () => string;
  readonly protocols?: readonly string[];
  readonly onStatus: (status: LinkStatus) => void;
  readonly onOpen?: (protocol: string) => void;
  readonly onMessage: (message: unknown) => void;
  readonly onDown?: () => void;
  readonly backoff?: BackoffOptions;
  /** How long a connection may take to open, in milliseconds. @default 10 000 */
  readonly openTimeoutMs?: number;
  readonly socketFactory?: SocketFactory;
}

const OPEN = 1;
/** A connection that lived this long was a good one: the next loss starts at the short delay. */
const STABLE_AFTER_MS = 5_000;

/**
 * A WebSocket that comes back by itself.
 *
 * Events of a superseded socket are ignored: a late `close` of an old connection must not tear
 * down the new one.
 */
export class ReconnectingSocket {
  readonly #options: ReconnectingOptions;
  #socket: SocketLike | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #attempt = 0;
  #openedAtMs = 0;
  #stopped = true;

  constructor(options: ReconnectingOptions) {
    this.#options = options;
  }

  /** Connect, and stay connected until `stop`. Calling it again does nothing. */
  start(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.#attempt = 0;
    this.#connect();
  }

  /** Close for good; `start` opens again. */
  stop(): void {
    this.#stopped = true;
    this.#clearTimer();
    this.#dropSocket(1000, "page closed");
    this.#options.onStatus({ phase: "closed" });
  }

  /** Skip what is left of the waiting time. */
  retryNow(): void {
    if (this.#stopped || this.#socket !== null) return;
    this.#clearTimer();
    this.#connect();
  }

  /** Drop the present connection and open another at once, e.g. because the address changed. */
  reopen(): void {
    if (this.#stopped) return;
    this.#clearTimer();
    this.#dropSocket(1000, "reopened");
    this.#attempt = 0;
    this.#connect();
  }

  /** Send now; returns false when there is no open connection. */
  send(message: string | ArrayBufferView<ArrayBuffer>): boolean {
    if (this.#socket?.readyState !== OPEN) return false;
    this.#socket.send(message);
    return true;
  }

  #connect(): void {
    this.#attempt += 1;
    this.#options.onStatus({ phase: "connecting", attempt: this.#attempt });
    let socket: SocketLike;
    try {
      const factory = this.#options.socketFactory ?? browserSocket;
      socket = factory(this.#options.url(), this.#options.protocols ?? []);
    } catch {
      // The browser refuses some addresses at once; treated like a refused connection.
      this.#lost();
      return;
    }
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    this.#timer = setTimeout(() => {
      this.#dropSocket(4000, "took too long to open");
      this.#lost();
    }, this.#options.openTimeoutMs ?? 10_000);
    socket.onopen = () => {
      if (socket !== this.#socket) return;
      this.#clearTimer();
      this.#openedAtMs = Date.now();
      this.#options.onStatus({ phase: "open" });
      this.#options.onOpen?.(socket.protocol);
    };
    socket.onmessage = (event) => {
      if (socket === this.#socket) this.#options.onMessage(event.data);
    };
    socket.onclose = () => {
      if (socket !== this.#socket) return;
      this.#socket = null;
      this.#clearTimer();
      this.#lost();
    };
    // Every error is followed by a close; the close does the work.
    socket.onerror = () => undefined;
  }

  #lost(): void {
    this.#options.onDown?.();
    if (this.#stopped) return;
    if (this.#openedAtMs > 0 && Date.now() - this.#openedAtMs >= STABLE_AFTER_MS) this.#attempt = 0;
    this.#openedAtMs = 0;
    const attempt = Math.max(this.#attempt, 1);
    const delayMs = backoffMs(attempt, this.#options.backoff);
    this.#options.onStatus({ phase: "waiting", attempt, retryAtMs: Date.now() + delayMs });
    this.#timer = setTimeout(() => {
      this.#connect();
    }, delayMs);
  }

  #dropSocket(code: number, reason: string): void {
    const socket = this.#socket;
    this.#socket = null;
    this.#openedAtMs = 0;
    socket?.close(code, reason);
  }

  #clearTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}

function browserSocket(url: string, protocols: readonly string[]): SocketLike {
  return new WebSocket(url, [...protocols]);
}

/** `ws://` or `wss://` address of a path on the server that this page came from. */
export function streamUrl(path: string, location: Location = window.location): string {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  return `${scheme}//${location.host}${path}`;
}
