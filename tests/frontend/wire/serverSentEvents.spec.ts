import { expect, it } from "vitest";

import { EventSplitter } from "../../../frontend/src/wire/serverSentEvents";

const STREAM =
  ': hello\n\ndata: {"a":1}\n\nevent: x\r\ndata: one\r\ndata:two\r\n\r\ndata: [DONE]\n\n';
const DATA = ['{"a":1}', "one\ntwo", "[DONE]"];

it("finds the same events wherever the stream is cut", () => {
  for (let size = 1; size <= STREAM.length; size += 1) {
    const splitter = new EventSplitter();
    const found: string[] = [];
    for (let at = 0; at < STREAM.length; at += size) {
      found.push(...splitter.feed(STREAM.slice(at, at + size)));
    }
    expect(found, `pieces of ${String(size)}`).toEqual(DATA);
  }
});
