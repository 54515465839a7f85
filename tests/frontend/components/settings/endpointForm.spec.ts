import { describe, expect, it } from "vitest";

import {
  copyOf,
  dependentsOf,
  endpointFields,
  entriesOf,
} from "../../../../frontend/src/components/settings/endpointForm";
import { asObject, asPairs, scalarOf } from "../../../../frontend/src/components/settings/pairs";
import { formFields } from "../../../../frontend/src/stores/schema";
import { DOCUMENT, SCHEMA } from "../../support/config";

const ENTRIES = entriesOf(DOCUMENT);

describe("endpointFields", () => {
  it("puts what most people set first and loses no field", () => {
    const { basic, advanced } = endpointFields(formFields(SCHEMA));
    expect(basic.map((field) => field.key)).toEqual([
      "name",
      "kind",
      "url",
      "port",
      "start_command",
      "parameters",
      "headers",
      "enabled",
    ]);
    expect(advanced.map((field) => field.key)).toEqual(["stop", "cwd"]);
  });
});

describe("copyOf", () => {
  it("has another name, no port and no secret of the original", () => {
    const [web] = ENTRIES;
    if (web === undefined) throw new Error("no entry");
    expect(copyOf(web, ["web"])).toEqual({
      name: "web copy",
      start_command: ["serve", "--port", "${PORT}"],
      headers: {},
    });
    expect(copyOf(web, ["web", "web copy"])["name"]).toBe("web copy 2");
  });
});

describe("dependentsOf", () => {
  it("names those that cannot do without one", () => {
    expect(dependentsOf("web", ENTRIES)).toEqual(["chat"]);
    expect(dependentsOf("chat", ENTRIES)).toEqual([]);
  });
});

describe("pairs", () => {
  it("go to rows and back, unnamed rows aside", () => {
    const pairs = asPairs({ a: 1, b: "x" });
    expect(asObject([...pairs, { name: "", value: "new" }])).toEqual({ a: 1, b: "x" });
    expect(asPairs(undefined)).toEqual([]);
  });

  it.each([
    ["4096", 4096],
    ["0.5", 0.5],
    ["true", true],
    ["007", "007"],
    ["1e3", "1e3"],
    ["", ""],
    ["q8_0", "q8_0"],
  ])("read %j as what it means", (words, value) => {
    expect(scalarOf(words)).toBe(value);
  });
});
