import { describe, expect, it } from "vitest";

import { formFields, type FormField } from "../../../frontend/src/stores/schema";
import { SCHEMA } from "../support/config";

function named(fields: readonly FormField[], key: string): FormField {
  const found = fields.find((field) => field.key === key);
  if (found === undefined) throw new Error(`no field ${key}`);
  return found;
}

function inner(field: FormField): readonly FormField[] {
  if (field.shape.kind !== "group" && field.shape.kind !== "entries") throw new Error("no fields");
  return field.shape.fields;
}

const FIELDS = formFields(SCHEMA);
const ENDPOINT = inner(named(FIELDS, "endpoints"));

describe("formFields", () => {
  it.each([
    ["name", "text"],
    ["kind", "choice"],
    ["port", "number"],
    ["start_command", "rows"],
    ["headers", "pairs"],
    ["enabled", "switch"],
    ["stop", "group"],
    ["cwd", "text"],
  ])("%s is drawn as %s", (key, kind) => {
    expect(named(ENDPOINT, key).shape.kind).toBe(kind);
  });

  it("takes words, units, secrets and what is required from the schema", () => {
    expect(named(FIELDS, "check_interval")).toMatchObject({ label: "Check interval", unit: "s" });
    expect(named(ENDPOINT, "headers").secret).toBe(true);
    expect(named(ENDPOINT, "name").required).toBe(true);
    expect(named(ENDPOINT, "parameters").label).toBe("parameters");
  });

  it("lets a group's own default speak for its fields", () => {
    expect(named(inner(named(ENDPOINT, "stop")), "grace_s").fallback).toBe(3);
  });

  it("leaves what it cannot draw to the raw text", () => {
    const [field] = formFields({
      properties: { odd: { type: "array", items: { type: "number" } } },
    });
    expect(field?.shape.kind).toBe("other");
    expect(formFields("nonsense")).toEqual([]);
  });
});
