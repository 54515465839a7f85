import { describe, expect, it } from "vitest";

import {
  differences,
  isSame,
  pathText,
  valueAt,
  withValue,
  type JsonObject,
} from "../../../frontend/src/stores/document";

const DOCUMENT: JsonObject = { a: 1, list: [{ name: "x", env: { K: "v" } }, { name: "y" }] };

describe("pathText", () => {
  it("names places as the sidecar does", () => {
    expect(pathText(["endpoints", 0, "stop", "grace_s"])).toBe("endpoints[0].stop.grace_s");
    expect(pathText(["parameters", "ctx-size"])).toBe("parameters.ctx-size");
    expect(pathText(["env", "A B"])).toBe('env["A B"]');
    expect(pathText(["env", "1st"])).toBe('env["1st"]');
  });
});

describe("withValue", () => {
  it("changes one place and leaves the original alone", () => {
    const next = withValue(DOCUMENT, ["list", 0, "env", "K"], "w");
    expect(valueAt(next, ["list", 0, "env", "K"])).toBe("w");
    expect(valueAt(DOCUMENT, ["list", 0, "env", "K"])).toBe("v");
    expect(Object.keys(next)).toEqual(["a", "list"]);
  });

  it("makes what leads to a new place", () => {
    expect(withValue({}, ["stop", "grace_s"], 3)).toEqual({ stop: { grace_s: 3 } });
  });

  it("takes a value out, and a group that it empties", () => {
    const next = withValue(DOCUMENT, ["list", 0, "env", "K"], undefined);
    expect(valueAt(next, ["list", 0])).toEqual({ name: "x" });
    expect(withValue(DOCUMENT, ["list", 1], undefined)["list"]).toHaveLength(1);
  });
});

describe("isSame", () => {
  it("looks at values, not at the order of keys", () => {
    expect(isSame({ a: 1, b: [2] }, { b: [2], a: 1 })).toBe(true);
    expect(isSame([1, 2], [2, 1])).toBe(false);
    expect(isSame({ a: null }, {})).toBe(false);
  });
});

describe("differences", () => {
  it("tells leaf by leaf, entries by name whatever their place", () => {
    const theirs: JsonObject = { a: 2, list: [{ name: "y" }, { name: "x", env: { K: "w" } }] };
    expect(differences(DOCUMENT, theirs)).toEqual([
      { path: "a", mine: "1", theirs: "2" },
      { path: "list[x].env.K", mine: '"v"', theirs: '"w"' },
    ]);
  });

  it("shows what one side lacks, and another order of the same", () => {
    expect(differences({ a: 1 }, {})).toEqual([{ path: "a", mine: "1", theirs: "" }]);
    const [only] = differences(
      { list: [{ name: "x" }, { name: "y" }] },
      { list: [{ name: "y" }, { name: "x" }] },
    );
    expect(only?.path).toBe("list");
  });
});
