/** Endpoints in the settings' form: which fields come first, copies, who needs whom. Pure. */
import { text } from "../../i18n";
import { HIDDEN, isObject, type Json, type JsonObject } from "../../stores/document";
import type { FormField } from "../../stores/schema";

/** What most people set, in this order; everything else is advanced. */
const BASIC = [
  "name",
  "kind",
  "url",
  "port",
  "start_command",
  "model_path",
  "model",
  "parameters",
  "env",
  "headers",
  "depends_on",
  "enabled",
] as const;

export interface EndpointFields {
  readonly basic: readonly FormField[];
  readonly advanced: readonly FormField[];
}

export function endpointFields(fields: readonly FormField[]): EndpointFields {
  const shape = fields.find((one) => one.key === "endpoints")?.shape;
  const all = shape?.kind === "entries" ? shape.fields : [];
  const basic = BASIC.flatMap((key) => all.filter((one) => one.key === key));
  return { basic, advanced: all.filter((one) => !basic.includes(one)) };
}

export function entriesOf(document: JsonObject): readonly JsonObject[] {
  const list = document["endpoints"];
  return Array.isArray(list) ? (list as readonly Json[]).filter(isObject) : [];
}

export function nameOf(entry: JsonObject): string {
  const name = entry["name"];
  return typeof name === "string" && name !== "" ? name : text.settings.endpoints.unnamed;
}

/** A copy with a name of its own; stored secrets belong to the original and do not come along. */
export function copyOf(entry: JsonObject, names: readonly string[]): JsonObject {
  const base = text.settings.endpoints.copyOf(nameOf(entry));
  let name = base;
  for (let number = 2; names.includes(name); number += 1) name = `${base} ${String(number)}`;
  // The same port would be refused.
  const kept = Object.entries(entry).filter(([key]) => key !== "port" && key !== "name");
  return { name, ...(withoutSecrets(Object.fromEntries(kept)) as JsonObject) };
}

function withoutSecrets(value: Json): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map(withoutSecrets);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([, one]) => one !== HIDDEN);
  return Object.fromEntries(kept.map(([key, one]) => [key, withoutSecrets(one)]));
}

/** Names of those that cannot do without `name`. */
export function dependentsOf(name: string, entries: readonly JsonObject[]): string[] {
  return entries
    .filter((entry) => {
      const needs = entry["depends_on"];
      return Array.isArray(needs) && (needs as readonly Json[]).includes(name);
    })
    .map(nameOf);
}
