import { describe, expect, it } from "vitest";

import { asText, LINES_MAX, LogBuffer } from "../../../frontend/src/components/logBuffer";
import type { LogLine } from "../../../frontend/src/wire/frames";

function lines(...texts: string[]): LogLine[] {
  return texts.map((text) => ({ source: "demo", t_ms: null, level: null, text }));
}

function texts(buffer: LogBuffer): string[] {
  return buffer.shown.map((line) => line.text);
}

describe("LogBuffer", () => {
  it("numbers lines and keeps the newest", () => {
    const buffer = new LogBuffer();
    buffer.add(lines(...Array.from({ length: LINES_MAX + 5 }, (_, index) => String(index))));
    expect(buffer.shown).toHaveLength(LINES_MAX);
    expect(buffer.shown[0]).toMatchObject({ text: "5", number: 6 });
  });

  it("goes on collecting while it holds, and shows all on release", () => {
    const buffer = new LogBuffer();
    buffer.add(lines("a"));
    buffer.hold();
    buffer.add(lines("b", "c"));
    expect(texts(buffer)).toEqual(["a"]);
    expect(buffer.heldCount).toBe(2);
    buffer.release();
    expect(texts(buffer)).toEqual(["a", "b", "c"]);
    expect(buffer.heldCount).toBe(0);
  });

  it("begins anew after a reconnect without showing a line twice, even while it holds", () => {
    const buffer = new LogBuffer();
    buffer.add(lines("a", "b"));
    buffer.hold();
    buffer.add(lines("c"));
    buffer.replace(lines("b", "c"));
    expect(texts(buffer)).toEqual(["b", "c"]);
    expect(buffer.isHolding).toBe(true);
    buffer.add(lines("d"));
    expect(texts(buffer)).toEqual(["b", "c"]);
  });

  it("forgets everything when it is cleared, but never a number", () => {
    const buffer = new LogBuffer();
    buffer.add(lines("a"));
    buffer.clear();
    buffer.add(lines("b"));
    expect(buffer.shown).toMatchObject([{ text: "b", number: 2 }]);
  });

  it("writes one line of text per line", () => {
    expect(asText(lines("a", ""))).toBe("a\n\n");
  });
});
