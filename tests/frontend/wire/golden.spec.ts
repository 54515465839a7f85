import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

import { decode } from "@msgpack/msgpack";
import { describe, expect, it } from "vitest";

import { decodeFrame, encodeFrame, MSGPACK_PROTOCOL } from "../../../frontend/src/wire/codec";
import type { ClientFrame, ServerFrame } from "../../../frontend/src/wire/frames";

const FOLDER = resolve(import.meta.dirname, "../../contract/golden");
const NAMES = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".msgpack.b64"))
  .map((name) => name.slice(0, -".msgpack.b64".length));
const SERVER = NAMES.filter((name) => name.startsWith("server-"));
const CLIENT = NAMES.filter((name) => name.startsWith("client-"));
const TYPES: readonly ServerFrame["type"][] = [
  "hello",
  "fields",
  "snapshot",
  "tick",
  "event",
  "gap",
  "bye",
];

function text(name: string): string {
  return readFileSync(resolve(FOLDER, `${name}.json`), "utf8");
}

function bytes(name: string): Uint8Array {
  const encoded = readFileSync(resolve(FOLDER, `${name}.msgpack.b64`), "utf8");
  return Uint8Array.from(Buffer.from(encoded.trim(), "base64"));
}

describe("golden frames of the server", () => {
  it("cover every type of frame", () => {
    const types = new Set(SERVER.map((name) => decodeFrame(text(name)).type));
    expect([...types].sort()).toEqual([...TYPES].sort());
  });

  it.each(SERVER)("%s means the same in msgpack and in JSON", (name) => {
    expect(decodeFrame(bytes(name))).toEqual(decodeFrame(text(name)));
  });
});

describe("golden frames of the client", () => {
  it("cover every type of frame", () => {
    const types = CLIENT.map((name) => (JSON.parse(text(name)) as ClientFrame).type);
    expect([...new Set(types)].sort()).toEqual(["ack", "resume", "subscribe", "visible"]);
  });

  it.each(CLIENT)("%s is what this page would send", (name) => {
    const frame = JSON.parse(text(name)) as ClientFrame;
    const sent = encodeFrame(frame, MSGPACK_PROTOCOL) as Uint8Array;
    expect(decode(sent)).toEqual(decode(bytes(name)));
  });
});
