/** What is known of an endpoint beside its charts, in rows: pure. */
import { formatCount, formatDateTime, formatMs, formatUptimePct, MISSING } from "../format/units";
import { text } from "../i18n";
import { HIDDEN, isObject, type Json, type JsonObject } from "../stores/document";
import type { FormField } from "../stores/schema";
import type { EndpointView } from "../wire/frames";
import type { Fact } from "./endpointFacts";

const words = text.detail;

export function runningFacts(view: EndpointView): Fact[] {
  return [
    { id: "kind", label: words.kind, value: view.kind },
    { id: "address", label: words.address, value: view.url },
    { id: "model", label: words.model, value: view.model ?? MISSING },
    { id: "process", label: words.process, value: view.pid === null ? MISSING : String(view.pid) },
    { id: "response", label: words.response, value: formatMs(view.response_ms) },
    { id: "uptime", label: words.uptime, value: formatUptimePct(view.uptime_24h_pct) },
    { id: "restarts", label: words.restarts, value: formatCount(view.restart_count) },
    { id: "checked", label: words.lastCheck, value: moment(view.last_check_ms) },
    { id: "startable", label: words.startable, value: view.startable ? words.yes : words.no },
    { id: "depends", label: words.dependsOn, value: view.depends_on.join(", ") || MISSING },
  ];
}

function moment(ms: number | null): string {
  return ms === null ? MISSING : formatDateTime(ms);
}

/** What the configuration says of one endpoint, as far as it says something. */
export function configuredFacts(
  fields: readonly FormField[],
  document: JsonObject,
  name: string,
): Fact[] {
  const shape = fields.find((one) => one.key === "endpoints")?.shape;
  const list = document["endpoints"];
  if (shape?.kind !== "entries" || !Array.isArray(list)) return [];
  const entries = (list as readonly Json[]).filter(isObject);
  const entry = entries.find((one) => one["name"] === name);
  if (entry === undefined) return [];
  return shape.fields.flatMap((field) => {
    const value = entry[field.key];
    return value === undefined || value === null || field.key === "name"
      ? []
      : [{ id: field.key, label: field.label, value: written(value) }];
  });
}

function written(value: Json): string {
  if (typeof value === "boolean") return value ? words.yes : words.no;
  if (Array.isArray(value)) return (value as readonly Json[]).map(written).join(" ");
  if (typeof value === "string" || typeof value === "number") return String(value);
  if (!isObject(value)) return "";
  return Object.entries(value)
    .map(([key, one]) => `${key}: ${one === HIDDEN ? HIDDEN : written(one)}`)
    .join(", ");
}
