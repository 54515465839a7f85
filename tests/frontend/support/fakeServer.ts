/** The sidecar's side of a WebSocket, in memory. */
import { decode, encode } from "@msgpack/msgpack";

import type { ClientFrame, ServerFrame } from "../../../frontend/src/wire/frames";
import type { SocketFactory, SocketLike } from "../../../frontend/src/wire/reconnecting";

export class FakeSocket implements SocketLike {
  binaryType: BinaryType = "blob";
  readyState = 0;
  onopen: ((event: Event) => void) | null = null;
  onmessage: ((event: MessageEvent) => void) | null = null;
  onclose: ((event: CloseEvent) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;
  readonly sent: unknown[] = [];
  closedWith: number | null = null;

  constructor(
    readonly url: string,
    readonly protocol: string,
  ) {}

  send(message: string | ArrayBufferView<ArrayBuffer>): void {
    this.sent.push(message);
  }

  close(code = 1005): void {
    this.readyState = 3;
    this.closedWith = code;
  }

  // --- what the server does ---

  accept(): void {
    this.readyState = 1;
    this.onopen?.(new Event("open"));
  }

  deliver(data: unknown): void {
    this.onmessage?.(new MessageEvent("message", { data }));
  }

  drop(): void {
    this.readyState = 3;
    this.onclose?.(new CloseEvent("close"));
  }

  /** What the page said, decoded. */
  get said(): ClientFrame[] {
    return this.sent.map((message) =>
      typeof message === "string"
        ? (JSON.parse(message) as ClientFrame)
        : (decode(message as Uint8Array) as ClientFrame),
    );
  }
}

export class FakeServer {
  readonly sockets: FakeSocket[] = [];

  readonly factory: SocketFactory = (url, protocols) => {
    const socket = new FakeSocket(url, protocols[0] ?? "");
    this.sockets.push(socket);
    return socket;
  };

  /** The newest connection. */
  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error("nobody has connected");
    return socket;
  }

  /** Send frames as msgpack on the newest connection. */
  tell(...frames: ServerFrame[]): void {
    for (const frame of frames) {
      const bytes = encode(frame);
      this.socket.deliver(
        bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength),
      );
    }
  }
}
