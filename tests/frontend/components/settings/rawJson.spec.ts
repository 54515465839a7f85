import { describe, expect, it } from "vitest";

import { parseRaw } from "../../../../frontend/src/components/settings/rawJson";

describe("parseRaw", () => {
  it("takes one JSON object", () => {
    expect(parseRaw('{"a": [1, true, null, "x\\n"]}').document).toEqual({
      a: [1, true, null, "x\n"],
    });
    expect(parseRaw("[1]").problem).toContain("one JSON object");
  });

  it.each([
    ['{"a": 1,\n "b": [}', "Line 2, column 8: } does not belong here"],
    ['{"a": 1,}', "Line 1, column 9: } does not belong here"],
    ["{'a': 1}", "Line 1, column 2: 'a': 1} does not belong here"],
    ['{"a" 1}', "Line 1, column 6: 1} does not belong here"],
    ['{"a": {"b": 1', "Line 1, column 14: the text ends too early"],
    ['{"a": 1} x', "Line 1, column 10: x does not belong here"],
    ["", "Line 1, column 1: the text ends too early"],
  ])("says where %j breaks", (words, problem) => {
    expect(parseRaw(words)).toEqual({ document: null, problem });
  });
});
