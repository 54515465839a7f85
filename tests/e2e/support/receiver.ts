import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A real server on loopback that takes the messages of a webhook. */
export class Receiver {
  /** Bodies, the oldest first. */
  readonly got: string[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        this.got.push(Buffer.concat(parts).toString());
        response.end("{}");
      });
    });
  }

  static async open(): Promise<Receiver> {
    const receiver = new Receiver();
    await new Promise<void>((listening) => {
      receiver.#server.listen(0, "127.0.0.1", listening);
    });
    return receiver;
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${String(port)}/hook`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
