/** The configuration's JSON schema as form fields: pure. */
import { isObject, type Json, type JsonObject } from "./document";

export type Shape =
  | { readonly kind: "switch" }
  | { readonly kind: "text" }
  | { readonly kind: "number"; readonly whole: boolean }
  | { readonly kind: "choice"; readonly options: readonly string[] }
  /** Texts in order, such as a command line. */
  | { readonly kind: "rows" }
  /** Names and values. */
  | { readonly kind: "pairs"; readonly scalars: boolean }
  | { readonly kind: "group"; readonly fields: readonly FormField[] }
  | { readonly kind: "entries"; readonly fields: readonly FormField[] }
  /** Nothing that a form can show: the raw text can. */
  | { readonly kind: "other" };

export interface FormField {
  readonly key: string;
  readonly label: string;
  /** What it means, in a sentence or two; empty when the schema does not say. */
  readonly help: string;
  /** As in `s`; empty for what has none. */
  readonly unit: string;
  /** `•••` stands for what is stored. */
  readonly secret: boolean;
  readonly shape: Shape;
  readonly required: boolean;
  /** What holds when it is left out; undefined when the schema does not say. */
  readonly fallback: Json | undefined;
}

/** The fields of the schema's topmost object. */
export function formFields(schema: Json): readonly FormField[] {
  if (!isObject(schema)) return [];
  const definitions = isObject(schema["$defs"]) ? schema["$defs"] : {};
  return fieldsOf(resolved(schema, definitions), definitions);
}

function fieldsOf(object: JsonObject, definitions: JsonObject): FormField[] {
  const properties = isObject(object["properties"]) ? object["properties"] : {};
  const required = Array.isArray(object["required"]) ? (object["required"] as Json[]) : [];
  const defaults = isObject(object["default"]) ? object["default"] : {};
  return Object.entries(properties).flatMap(([key, given]) => {
    if (!isObject(given)) return [];
    const fallback = defaults[key] ?? given["default"];
    return [
      {
        key,
        label: textOf(given["title"], key),
        help: textOf(given["description"], ""),
        unit: textOf(given["x-unit"], ""),
        secret: given["x-secret"] === true,
        shape: shapeOf(withDefault(resolved(given, definitions), fallback), definitions),
        required: required.includes(key),
        fallback,
      },
    ];
  });
}

function textOf(value: Json | undefined, otherwise: string): string {
  return typeof value === "string" ? value : otherwise;
}

/** A group's own default says what its fields fall back to. */
function withDefault(schema: JsonObject, fallback: Json | undefined): JsonObject {
  return isObject(fallback) ? { ...schema, default: fallback } : schema;
}

function resolved(schema: JsonObject, definitions: JsonObject): JsonObject {
  const options = Array.isArray(schema["anyOf"]) ? (schema["anyOf"] as Json[]) : [];
  const real = options.filter((one) => isObject(one) && one["type"] !== "null");
  if (real.length === 1 && isObject(real[0])) return resolved(real[0], definitions);
  const reference = schema["$ref"];
  if (typeof reference !== "string") return schema;
  const target = definitions[reference.split("/").at(-1) ?? ""];
  return isObject(target) ? resolved(target, definitions) : schema;
}

function shapeOf(schema: JsonObject, definitions: JsonObject): Shape {
  if (Array.isArray(schema["enum"])) {
    return { kind: "choice", options: (schema["enum"] as Json[]).map(String) };
  }
  switch (schema["type"]) {
    case "boolean":
      return { kind: "switch" };
    case "string":
      return { kind: "text" };
    case "integer":
    case "number":
      return { kind: "number", whole: schema["type"] === "integer" };
    case "array":
      return arrayShape(schema["items"], definitions);
    case "object":
      return objectShape(schema, definitions);
    default:
      return { kind: "other" };
  }
}

function arrayShape(items: Json | undefined, definitions: JsonObject): Shape {
  if (!isObject(items)) return { kind: "other" };
  const item = resolved(items, definitions);
  if (item["type"] === "string") return { kind: "rows" };
  if (isObject(item["properties"])) return { kind: "entries", fields: fieldsOf(item, definitions) };
  return { kind: "other" };
}

function objectShape(schema: JsonObject, definitions: JsonObject): Shape {
  if (isObject(schema["properties"]))
    return { kind: "group", fields: fieldsOf(schema, definitions) };
  const values = schema["additionalProperties"];
  if (!isObject(values)) return { kind: "other" };
  return { kind: "pairs", scalars: values["type"] !== "string" };
}
