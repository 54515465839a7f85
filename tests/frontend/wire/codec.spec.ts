import { decode } from "@msgpack/msgpack";
import { describe, expect, it } from "vitest";

import {
  decodeFrame,
  encodeFrame,
  FrameError,
  JSON_PROTOCOL,
  MSGPACK_PROTOCOL,
} from "../../../frontend/src/wire/codec";
import { tick } from "../support/frames";

describe("decodeFrame", () => {
  it("reads a msgpack frame whose values are keyed by integers", () => {
    // {"values": {7: 1.5}} with a real integer key, as the sidecar sends it.
    const raw = Uint8Array.from([
      0x82, 0xa4, 0x74, 0x79, 0x70, 0x65, 0xa4, 0x74, 0x69, 0x63, 0x6b, 0xa6, 0x76, 0x61, 0x6c,
      0x75, 0x65, 0x73, 0x81, 0x07, 0xcb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0,
    ]);
    expect(decodeFrame(raw.buffer)).toEqual({ type: "tick", values: { "7": 1.5 } });
  });

  it("reads a JSON frame", () => {
    const frame = tick(11, { 0: 1 });
    expect(decodeFrame(JSON.stringify(frame))).toEqual(frame);
  });

  it.each([
    ["text that is no JSON", "{"],
    ["bytes that are no msgpack", new Uint8Array([0xc1])],
    ["no object", "3"],
    ["an object without type", "{}"],
    ["a type of another wire version", '{"type":"hologram"}'],
    ["neither text nor bytes", 12],
  ])("refuses %s", (_name, message) => {
    expect(() => decodeFrame(message)).toThrow(FrameError);
  });
});

describe("encodeFrame", () => {
  const frame = { type: "visible", visible: false } as const;

  it("speaks the subprotocol that was agreed on", () => {
    expect(encodeFrame(frame, JSON_PROTOCOL)).toBe('{"type":"visible","visible":false}');
    expect(decode(encodeFrame(frame, MSGPACK_PROTOCOL) as Uint8Array)).toEqual(frame);
  });
});
