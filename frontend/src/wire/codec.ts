import { decode, encode } from "@msgpack/msgpack";

import type { ClientFrame, ServerFrame } from "./frames";

export const MSGPACK_PROTOCOL = "llama-runner.v1.msgpack";
export const JSON_PROTOCOL = "llama-runner.v1.json";

const SERVER_TYPES: ReadonlySet<string> = new Set([
  "hello",
  "fields",
  "snapshot",
  "tick",
  "event",
  "gap",
  "bye",
]);

/** A message that is no frame of this wire version. */
export class FrameError extends Error {
  override readonly name = "FrameError";
}

/**
 * Decode one WebSocket message, binary (msgpack) or text (JSON).
 *
 * The sidecar validates what it sends, so only the tag is checked here: an unknown tag comes from
 * a newer sidecar and must not be taken for something else.
 *
 * @throws FrameError when it is not a frame we know.
 */
export function decodeFrame(message: unknown): ServerFrame {
  let value: unknown;
  try {
    value = typeof message === "string" ? JSON.parse(message) : decode(bytesOf(message));
  } catch (cause) {
    throw new FrameError("the message could not be decoded", { cause });
  }
  if (typeof value !== "object" || value === null || !("type" in value)) {
    throw new FrameError("the message has no type");
  }
  if (typeof value.type !== "string" || !SERVER_TYPES.has(value.type)) {
    throw new FrameError(`unknown frame type ${JSON.stringify(value.type)}`);
  }
  return value as ServerFrame;
}

/** Encode for the subprotocol that the server agreed to. */
export function encodeFrame(
  frame: ClientFrame,
  protocol: string,
): string | Uint8Array<ArrayBuffer> {
  return protocol === JSON_PROTOCOL ? JSON.stringify(frame) : encode(frame);
}

function bytesOf(message: unknown): Uint8Array {
  if (message instanceof Uint8Array) return message;
  // Compared by tag, not by instanceof: the buffer may come from another realm.
  if (Object.prototype.toString.call(message) === "[object ArrayBuffer]") {
    return new Uint8Array(message as ArrayBuffer);
  }
  throw new FrameError("neither text nor bytes");
}
