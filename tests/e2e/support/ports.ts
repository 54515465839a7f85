import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Below what any system hands out by itself, so that no connection of others takes a port between
 * the asking and the use; above what the gateway takes, below what the server tests choose from. */
const FIRST = 12_000;
const WORKERS = 6;
/** Ports of one worker of the test runner. */
const BLOCK = 500;
/** What goes to the port beside its own must not meet the next one that is chosen. */
const STRIDE = 7;

let last = randomInt(BLOCK);

/** A TCP port of this computer that nobody listens on, and nobody will but who asked for it. */
export async function freePort(): Promise<number> {
  const worker = Number(process.env["VITEST_POOL_ID"] ?? 0) % WORKERS;
  for (let tries = 0; tries < BLOCK; tries += 1) {
    last = (last + STRIDE) % BLOCK;
    const port = FIRST + worker * BLOCK + last;
    if (await isFree(port)) return port;
  }
  throw new Error("no loopback port is free");
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((settle) => {
    server.once("error", () => {
      settle(false);
    });
    server.listen(port, "127.0.0.1", () => {
      server.close(() => {
        settle(true);
      });
    });
  });
}
