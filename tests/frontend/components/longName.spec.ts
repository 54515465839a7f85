import { describe, expect, it } from "vitest";

import { headOf, tailOf } from "../../../frontend/src/components/longName";

describe("a name that is too long for its place", () => {
  it("keeps its end in sight, by which it differs from others", () => {
    const name = "Qwen3-Coder-480B-A35B-production-07";
    expect(tailOf(name)).toBe("ction-07");
    expect(headOf(name) + tailOf(name)).toBe(name);
  });

  it("stays in one piece while it is short", () => {
    expect([headOf("demo"), tailOf("demo")]).toEqual(["demo", ""]);
  });

  it("is never cut within a letter", () => {
    const name = "🦙".repeat(30);
    expect(headOf(name) + tailOf(name)).toBe(name);
    expect(Array.from(tailOf(name))).toHaveLength(8);
  });
});
