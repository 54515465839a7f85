/** A configuration, its schema, and what else its API answers. */
import type { JsonObject } from "../../../frontend/src/stores/document";
import type { Access, ConfigChanged, ConfigDocument } from "../../../frontend/src/wire/frames";
import type { FakeApi } from "./fakeApi";
import { T0 } from "./frames";

const textOrNull = { anyOf: [{ type: "string" }, { type: "null" }], default: null };

/** As the sidecar's: references, nullable members, groups with defaults of their own. */
export const SCHEMA = {
  type: "object",
  properties: {
    check_interval: { type: "number", default: 5, title: "Check interval", "x-unit": "s" },
    endpoints: { type: "array", items: { $ref: "#/$defs/EndpointSpec" }, default: [] },
    alerts: { $ref: "#/$defs/AlertsSpec", default: { channels: [] }, title: "Alarms" },
  },
  $defs: {
    EndpointSpec: {
      type: "object",
      required: ["name"],
      properties: {
        name: { type: "string", title: "Name" },
        kind: { enum: ["auto", "ollama"], default: "auto", title: "Kind" },
        url: { type: "string", default: "", title: "Address" },
        port: { anyOf: [{ type: "integer" }, { type: "null" }], default: null, title: "Port" },
        start_command: {
          anyOf: [{ type: "array", items: { type: "string" } }, { type: "null" }],
          default: null,
          title: "Start command",
        },
        parameters: { type: "object", additionalProperties: { anyOf: [{ type: "string" }, {}] } },
        headers: {
          type: "object",
          additionalProperties: { type: "string" },
          title: "Headers",
          "x-secret": true,
        },
        enabled: { type: "boolean", default: true, title: "Enabled" },
        stop: { $ref: "#/$defs/StopSpec", default: { grace_s: 3 }, title: "Stopping" },
        cwd: { ...textOrNull, title: "Working folder" },
      },
    },
    StopSpec: {
      type: "object",
      properties: { grace_s: { type: "number", default: 10, title: "Grace", description: "Wait" } },
    },
    AlertsSpec: {
      type: "object",
      properties: {
        channels: { type: "array", items: { $ref: "#/$defs/ChannelSpec" }, title: "Channels" },
      },
    },
    ChannelSpec: {
      type: "object",
      required: ["name"],
      properties: { name: { type: "string", title: "Channel name" } },
    },
  },
} as const;

export const DOCUMENT: JsonObject = {
  endpoints: [
    {
      name: "web",
      port: 8080,
      start_command: ["serve", "--port", "${PORT}"],
      headers: { Authorization: "•••" },
    },
    { name: "chat", url: "http://127.0.0.1:9000", depends_on: ["web"] },
  ],
};

export function configDocument(more: Partial<ConfigDocument> = {}): ConfigDocument {
  return {
    version: "v1",
    source: "/home/me/.llama-runner-pro/config.json",
    saves_to: "/home/me/.llama-runner-pro/config.json",
    note: null,
    document: DOCUMENT,
    text: "",
    schema_url: "/api/config/schema",
    backups: [{ id: "b1", version: "v0", saved_ms: T0, endpoints: 1 }],
    problems: [],
    ...more,
  };
}

export function changed(config: ConfigDocument): ConfigChanged {
  return {
    config,
    effect: { added: [], removed: [], replaced: ["web"], adjusted: [], settings: [] },
  };
}

export const MAY: Access = { may_change: true, token_for_everything: false, hint: "" };
export const MAY_NOT: Access = { ...MAY, may_change: false, hint: "run `llama-runner-pro open`" };

export function problem(status: number, code: string, more: object = {}) {
  return {
    status,
    body: { type: "", title: code, status, code, detail: `it is ${code}`, ...more },
  };
}

/** Answers to everything that the settings page asks at first. */
export function serveConfig(api: FakeApi, config = configDocument(), access = MAY): void {
  api.answer("/api/config", { body: config });
  api.answer("/api/config/schema", { body: SCHEMA });
  api.answer("/api/session", { body: access });
}
