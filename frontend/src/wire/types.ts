/**
 * The shapes on the wire. Written by `npm run gen:types` from the server's OpenAPI document:
 * change backend/llama_runner_pro/api/schemas.py instead, then run it again.
 */

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * Access
         * @description `GET /api/session`: what this caller may do.
         */
        readonly Access: {
            readonly hint: string;
            readonly may_change: boolean;
            readonly token_for_everything: boolean;
        };
        /**
         * Ack
         * @description The newest event the client has handled.
         */
        readonly Ack: {
            readonly seq: number;
            /** @enum {unknown} */
            readonly type: "ack";
        };
        /**
         * Acknowledged
         * @description An alert that somebody knows of.
         */
        readonly Acknowledged: {
            /** @default null */
            readonly acknowledged_ms: number | null;
            /** @default null */
            readonly endpoint: string | null;
            /** @default  */
            readonly hint: string;
            readonly id: string;
            /** @default null */
            readonly incident_id: string | null;
            readonly message: string;
            readonly raised_ms: number;
            /** @default null */
            readonly resolution: ("recovered" | "withdrawn") | null;
            /** @default  */
            readonly resolution_text: string;
            /** @default null */
            readonly resolved_ms: number | null;
            /** @enum {unknown} */
            readonly rule: "breaker_open" | "endpoint_failed" | "endpoint_flapping" | "endpoint_gpu_memory" | "gpu_memory" | "gpu_temperature" | "process_memory" | "system_memory" | "test";
            /** @enum {unknown} */
            readonly severity: "critical" | "info" | "warning";
            readonly subject: string;
            readonly title: string;
            /** @default null */
            readonly unkept: string | null;
        };
        /**
         * Alert
         * @description Something that somebody should know, from the alarm to its end.
         */
        readonly Alert: {
            /** @default null */
            readonly acknowledged_ms: number | null;
            /** @default null */
            readonly endpoint: string | null;
            /** @default  */
            readonly hint: string;
            readonly id: string;
            /** @default null */
            readonly incident_id: string | null;
            readonly message: string;
            readonly raised_ms: number;
            /** @default null */
            readonly resolution: ("recovered" | "withdrawn") | null;
            /** @default  */
            readonly resolution_text: string;
            /** @default null */
            readonly resolved_ms: number | null;
            /** @enum {unknown} */
            readonly rule: "breaker_open" | "endpoint_failed" | "endpoint_flapping" | "endpoint_gpu_memory" | "gpu_memory" | "gpu_temperature" | "process_memory" | "system_memory" | "test";
            /** @enum {unknown} */
            readonly severity: "critical" | "info" | "warning";
            readonly subject: string;
            readonly title: string;
        };
        /**
         * AlertEvent
         * @description An alert was raised, acknowledged or resolved.
         */
        readonly AlertEvent: {
            readonly alert: components["schemas"]["Alert"];
            /** @enum {unknown} */
            readonly kind: "alert";
            readonly notify: boolean;
        };
        /**
         * Alerts
         * @description `GET /api/alerts`: all lists newest first, channels in the configuration's order.
         */
        readonly Alerts: {
            readonly active: readonly components["schemas"]["Alert"][];
            readonly channels: readonly components["schemas"]["ChannelView"][];
            readonly deliveries: readonly components["schemas"]["Delivery"][];
            readonly recent: readonly components["schemas"]["Alert"][];
        };
        /**
         * AlertsQuery
         * @description How many of the recent alerts and of the deliveries.
         */
        readonly AlertsQuery: {
            /** @default 50 */
            readonly limit: number;
        };
        /**
         * AlertTest
         * @description Body of `POST /api/alerts/test`; may be left out.
         */
        readonly AlertTest: {
            /** @default desktop */
            readonly channel: string;
        };
        /**
         * BreakerCommand
         * @description Body of `POST /api/gateway/breakers`.
         */
        readonly BreakerCommand: {
            /** @enum {unknown} */
            readonly action: "close" | "open" | "reset";
            readonly endpoint: string;
            readonly model: string;
        };
        /**
         * BreakerView
         * @description One circuit breaker: an endpoint and a model on it.
         */
        readonly BreakerView: {
            /** @default 0 */
            readonly calls_60s: number;
            readonly endpoint: string;
            /** @default 0 */
            readonly failures: number;
            /** @default 0 */
            readonly failures_60s: number;
            /** @default false */
            readonly forced: boolean;
            readonly model: string;
            /** @default null */
            readonly reason: string | null;
            /** @default null */
            readonly retry_at_ms: number | null;
            /** @default 0 */
            readonly since_ms: number;
            /** @enum {unknown} */
            readonly state: "closed" | "half_open" | "open";
        };
        /**
         * Bundle
         * @description One archive of what was known about a fault, secrets left out.
         */
        readonly Bundle: {
            readonly created_ms: number;
            /** @default null */
            readonly incident_id: string | null;
            readonly name: string;
            readonly size_bytes: number;
        };
        /**
         * Bundles
         * @description `GET /api/bundles`, newest first.
         */
        readonly Bundles: {
            readonly bundles: readonly components["schemas"]["Bundle"][];
            readonly debug_mode: boolean;
        };
        /**
         * Bye
         * @description Last frame before the server closes the session.
         */
        readonly Bye: {
            readonly code: number;
            readonly reason: string;
            /** @enum {unknown} */
            readonly type: "bye";
        };
        /**
         * Captured
         * @description The text of one request and its answer, secrets hidden. Kept only when the user wants it.
         */
        readonly Captured: {
            readonly id: string;
            readonly request: string;
            readonly request_bytes: number;
            readonly response: string;
            readonly response_bytes: number;
            readonly t_ms: number;
        };
        /**
         * Captures
         * @description `GET /api/gateway/captures`, newest first.
         */
        readonly Captures: {
            readonly captures: readonly components["schemas"]["Captured"][];
        };
        /**
         * ChannelTest
         * @description What came of a test message.
         */
        readonly ChannelTest: {
            readonly channel: string;
            readonly duration_ms: number;
            readonly ok: boolean;
            readonly reason: string;
        };
        /**
         * ChannelView
         * @description A way to reach somebody, and how well it works.
         */
        readonly ChannelView: {
            readonly address: string;
            readonly enabled: boolean;
            /** @default 0 */
            readonly failures: number;
            /** @enum {unknown} */
            readonly health: "failing" | "off" | "ok" | "paused" | "unused";
            readonly kind: ("apprise" | "email" | "ntfy" | "webhook") | "desktop";
            /** @default null */
            readonly last_sent_ms: number | null;
            /** @enum {unknown} */
            readonly min_severity: "critical" | "info" | "warning";
            readonly name: string;
            /** @default null */
            readonly paused_until_ms: number | null;
            /** @default null */
            readonly reason: string | null;
            /** @default 0 */
            readonly waiting: number;
        };
        readonly ClientFrame: components["schemas"]["Subscribe"] | components["schemas"]["Visible"] | components["schemas"]["Ack"] | components["schemas"]["Resume"];
        /**
         * ConfigBackup
         * @description One of the last five files that were replaced.
         */
        readonly ConfigBackup: {
            readonly endpoints: number | null;
            readonly id: string;
            readonly saved_ms: number;
            readonly version: string;
        };
        /**
         * ConfigBackups
         * @description `GET /api/config/backups`, newest first.
         */
        readonly ConfigBackups: {
            readonly backups: readonly components["schemas"]["ConfigBackup"][];
        };
        /**
         * ConfigChanged
         * @description Answer to every change: how things are now, and what was done for it.
         */
        readonly ConfigChanged: {
            readonly config: components["schemas"]["ConfigDocument"];
            readonly effect: components["schemas"]["ConfigEffect"];
        };
        /**
         * ConfigDocument
         * @description `GET /api/config`: what is configured, as the user wrote it, without defaults.
         *
         *         Every secret is `•••`. Sent back unchanged, it keeps the value that is stored.
         */
        readonly ConfigDocument: {
            readonly backups: readonly components["schemas"]["ConfigBackup"][];
            readonly document: Record<string, unknown>;
            readonly note: string | null;
            readonly problems: readonly components["schemas"]["ConfigProblem"][];
            readonly saves_to: string;
            readonly schema_url: string;
            readonly source: string | null;
            readonly text: string;
            readonly version: string;
        };
        /**
         * ConfigEffect
         * @description What a change did, by endpoint name.
         */
        readonly ConfigEffect: {
            readonly added: readonly string[];
            readonly adjusted: readonly string[];
            readonly removed: readonly string[];
            readonly replaced: readonly string[];
            readonly settings: readonly string[];
        };
        /**
         * ConfigEvent
         * @description The configuration changed, or a file that was edited outside was refused.
         */
        readonly ConfigEvent: {
            /** @enum {unknown} */
            readonly kind: "config";
            /** @enum {unknown} */
            readonly origin: "api" | "file" | "rollback";
            readonly problems: readonly components["schemas"]["ConfigProblem"][];
            readonly version: string;
        };
        /**
         * ConfigProblem
         * @description One thing wrong with a configuration: where, what, and what to do.
         */
        readonly ConfigProblem: {
            readonly hint: string;
            readonly message: string;
            readonly path: string;
        };
        /**
         * ConfigUpdate
         * @description Body of `PUT /api/config`.
         */
        readonly ConfigUpdate: {
            readonly document: Record<string, unknown>;
            readonly version: string;
        };
        /**
         * DebugRequest
         * @description Body of `POST /debug`; toggles when `enabled` is left out.
         */
        readonly DebugRequest: {
            /** @default null */
            readonly enabled: boolean | null;
        };
        /**
         * Delivery
         * @description One message on its way to one channel.
         */
        readonly Delivery: {
            readonly alert_id: string;
            /** @default 0 */
            readonly attempts: number;
            readonly body: string;
            readonly channel: string;
            readonly created_ms: number;
            /** @default null */
            readonly ended_ms: number | null;
            readonly expires_ms: number;
            readonly id: string;
            /** @default null */
            readonly next_attempt_ms: number | null;
            /** @enum {unknown} */
            readonly purpose: "alarm" | "recovery" | "test";
            /** @default null */
            readonly reason: string | null;
            /** @enum {unknown} */
            readonly severity: "critical" | "info" | "warning";
            /** @enum {unknown} */
            readonly state: "cancelled" | "failed" | "queued" | "sending" | "sent";
            readonly title: string;
        };
        /**
         * DeliveryEvent
         * @description A message to a channel was queued, tried, sent or given up.
         */
        readonly DeliveryEvent: {
            readonly channel: components["schemas"]["ChannelView"];
            readonly delivery: components["schemas"]["Delivery"];
            /** @enum {unknown} */
            readonly kind: "delivery";
        };
        /**
         * Discovery
         * @description `GET /api/discover`.
         */
        readonly Discovery: {
            readonly complete: boolean;
            readonly found: readonly components["schemas"]["FoundServer"][];
            readonly installed: readonly components["schemas"]["InstalledProgram"][];
            readonly took_ms: number;
        };
        /**
         * DoorView
         * @description One port of the gateway.
         */
        readonly DoorView: {
            /** @default null */
            readonly actual_port: number | null;
            /** @default false */
            readonly free_again: boolean;
            /** @default null */
            readonly hint: string | null;
            /** @default null */
            readonly holder: string | null;
            /** @default null */
            readonly holder_kind: string | null;
            readonly host: string;
            /** @enum {unknown} */
            readonly name: "ollama" | "openai";
            readonly port: number;
            /** @default null */
            readonly reason: string | null;
            /** @enum {unknown} */
            readonly state: "closed" | "moved" | "off" | "open";
        };
        /**
         * EndpointCreate
         * @description Body of `POST /api/endpoints`.
         */
        readonly EndpointCreate: {
            readonly endpoint: Record<string, unknown>;
            /** @default null */
            readonly version: string | null;
        };
        /**
         * EndpointDelete
         * @description Body of `DELETE /api/endpoints/{name}`; may be left out.
         */
        readonly EndpointDelete: {
            /** @default null */
            readonly version: string | null;
        };
        /**
         * EndpointEvent
         * @description An endpoint changed state, step or settings.
         */
        readonly EndpointEvent: {
            readonly endpoint: components["schemas"]["EndpointView"];
            /** @enum {unknown} */
            readonly kind: "endpoint";
        };
        /**
         * EndpointGoneEvent
         * @description An endpoint was removed from the configuration.
         */
        readonly EndpointGoneEvent: {
            /** @enum {unknown} */
            readonly kind: "endpoint_gone";
            readonly name: string;
        };
        /**
         * Endpoints
         * @description `GET /api/endpoints`, in the configuration's order.
         */
        readonly Endpoints: {
            readonly endpoints: readonly components["schemas"]["EndpointView"][];
        };
        /**
         * EndpointUpdate
         * @description Body of `PUT /api/endpoints/{name}`: the whole entry; another name renames it.
         */
        readonly EndpointUpdate: {
            readonly endpoint: Record<string, unknown>;
            /** @default null */
            readonly version: string | null;
        };
        /**
         * EndpointView
         * @description Everything a viewer needs to know about one endpoint at one moment.
         */
        readonly EndpointView: {
            /** @default [] */
            readonly actions: readonly string[];
            /** @default 0 */
            readonly attempt: number;
            /** @default 0 */
            readonly attempts_max: number;
            /** @default [] */
            readonly depends_on: readonly string[];
            readonly enabled: boolean;
            /** @default null */
            readonly error_message: string | null;
            /** @default [] */
            readonly heartbeats: readonly components["schemas"]["Heartbeat"][];
            /** @default null */
            readonly hint: string | null;
            /** @default 0 */
            readonly incarnation: number;
            /** @default null */
            readonly incident_id: string | null;
            readonly kind: string;
            /** @default null */
            readonly last_check_ms: number | null;
            /** @default null */
            readonly last_success_ms: number | null;
            readonly model: string | null;
            readonly name: string;
            /** @default null */
            readonly next_attempt_at_ms: number | null;
            /** @default null */
            readonly next_step: string | null;
            /** @default null */
            readonly pid: number | null;
            readonly port: number | null;
            /** @default null */
            readonly proposal: components["schemas"]["Proposal"] | null;
            /** @default null */
            readonly reason: string | null;
            /** @default null */
            readonly response_ms: number | null;
            /** @default 0 */
            readonly restart_count: number;
            readonly since_ms: number;
            readonly startable: boolean;
            readonly state: components["schemas"]["State"];
            /** @default null */
            readonly step: string | null;
            /** @default null */
            readonly step_since_ms: number | null;
            /** @default null */
            readonly uptime_24h_pct: number | null;
            readonly url: string;
            /** @default null */
            readonly waiting_for: string | null;
        };
        /**
         * Envelope[dict[str, typing.Any]]
         * @description How the `/api/ai-monitor` family answers.
         */
        readonly "Envelope_dict_str__typing.Any__": {
            readonly data: Record<string, unknown>;
            readonly message: string;
            /** @enum {unknown} */
            readonly status: "error" | "success" | "warning";
            readonly timestamp: string;
        };
        /**
         * Envelope[HealReport]
         * @description How the `/api/ai-monitor` family answers.
         */
        readonly Envelope_HealReport_: {
            readonly data: components["schemas"]["HealReport"];
            readonly message: string;
            /** @enum {unknown} */
            readonly status: "error" | "success" | "warning";
            readonly timestamp: string;
        };
        /**
         * Envelope[LogLines]
         * @description How the `/api/ai-monitor` family answers.
         */
        readonly Envelope_LogLines_: {
            readonly data: components["schemas"]["LogLines"];
            readonly message: string;
            /** @enum {unknown} */
            readonly status: "error" | "success" | "warning";
            readonly timestamp: string;
        };
        /**
         * Envelope[Models]
         * @description How the `/api/ai-monitor` family answers.
         */
        readonly Envelope_Models_: {
            readonly data: components["schemas"]["Models"];
            readonly message: string;
            /** @enum {unknown} */
            readonly status: "error" | "success" | "warning";
            readonly timestamp: string;
        };
        /**
         * Envelope[ModelStatus]
         * @description How the `/api/ai-monitor` family answers.
         */
        readonly Envelope_ModelStatus_: {
            readonly data: components["schemas"]["ModelStatus"];
            readonly message: string;
            /** @enum {unknown} */
            readonly status: "error" | "success" | "warning";
            readonly timestamp: string;
        };
        /**
         * Envelope[MonitoringSwitch]
         * @description How the `/api/ai-monitor` family answers.
         */
        readonly Envelope_MonitoringSwitch_: {
            readonly data: components["schemas"]["MonitoringSwitch"];
            readonly message: string;
            /** @enum {unknown} */
            readonly status: "error" | "success" | "warning";
            readonly timestamp: string;
        };
        /**
         * Envelope[MonitorStatus]
         * @description How the `/api/ai-monitor` family answers.
         */
        readonly Envelope_MonitorStatus_: {
            readonly data: components["schemas"]["MonitorStatus"];
            readonly message: string;
            /** @enum {unknown} */
            readonly status: "error" | "success" | "warning";
            readonly timestamp: string;
        };
        /**
         * Envelope[ProblemDetails]
         * @description How the `/api/ai-monitor` family answers.
         */
        readonly Envelope_ProblemDetails_: {
            readonly data: components["schemas"]["ProblemDetails"];
            readonly message: string;
            /** @enum {unknown} */
            readonly status: "error" | "success" | "warning";
            readonly timestamp: string;
        };
        /**
         * Event
         * @description Something happened. Never dropped; `seq` counts events only.
         */
        readonly Event: {
            readonly event: components["schemas"]["EndpointEvent"] | components["schemas"]["EndpointGoneEvent"] | components["schemas"]["IncidentEvent"] | components["schemas"]["HeartbeatEvent"] | components["schemas"]["MonitoringEvent"] | components["schemas"]["ConfigEvent"] | components["schemas"]["AlertEvent"] | components["schemas"]["DeliveryEvent"] | components["schemas"]["GatewayEvent"];
            readonly seq: number;
            readonly t_ms: number;
            /** @enum {unknown} */
            readonly type: "event";
        };
        /**
         * Evidence
         * @description What was known about the fault before anything was touched.
         */
        readonly Evidence: {
            /** @default null */
            readonly exit_code: number | null;
            /** @default [] */
            readonly log_tail: readonly string[];
            /** @default null */
            readonly oom: string | null;
            /** @default null */
            readonly pid: number | null;
            /** @default null */
            readonly port_holder: string | null;
            /** @default null */
            readonly rss_bytes: number | null;
            /** @default null */
            readonly signal: string | null;
        };
        /**
         * Fields
         * @description The catalogue changed (an endpoint came or went, a sensor appeared).
         */
        readonly Fields: {
            readonly absent: {
                readonly [key: string]: string;
            };
            readonly fields: readonly components["schemas"]["WireField"][];
            /** @enum {unknown} */
            readonly type: "fields";
        };
        /**
         * Fleet
         * @description All computers that the store knows.
         */
        readonly Fleet: {
            /** @default true */
            readonly available: boolean;
            /** @enum {unknown} */
            readonly backend: "embedded" | "prometheus";
            readonly hosts: readonly components["schemas"]["HostView"][];
            /** @default null */
            readonly reason: string | null;
            readonly this_host: string;
        };
        /**
         * FoundServer
         * @description A model server that runs on this computer.
         */
        readonly FoundServer: {
            /** @enum {unknown} */
            readonly confidence: "certain" | "likely";
            readonly configured_as: string | null;
            readonly evidence: readonly string[];
            readonly kind: string;
            readonly label: string;
            readonly loading: boolean;
            readonly models: readonly string[];
            readonly needs_key: boolean;
            readonly note: string | null;
            readonly part_of: components["schemas"]["PartOf"] | null;
            readonly pid: number | null;
            readonly port: number;
            readonly product: string;
            readonly program: string | null;
            readonly proposal: Record<string, unknown> | null;
            readonly url: string;
        };
        /**
         * Gap
         * @description Frames that this session did not get; inclusive. Ask with `resume` for what is missing.
         */
        readonly Gap: {
            readonly from: number;
            /** @enum {unknown} */
            readonly stream: "event" | "tick";
            readonly to: number;
            /** @enum {unknown} */
            readonly type: "gap";
        };
        /**
         * GatewayEvent
         * @description A breaker or a door of the gateway changed; the other one is None.
         */
        readonly GatewayEvent: {
            /** @default null */
            readonly breaker: components["schemas"]["BreakerView"] | null;
            /** @default null */
            readonly door: components["schemas"]["DoorView"] | null;
            /** @enum {unknown} */
            readonly kind: "gateway";
        };
        /**
         * GatewayRequests
         * @description `GET /api/gateway/requests`. Never any of their text.
         */
        readonly GatewayRequests: {
            readonly ended: readonly components["schemas"]["RequestRecord"][];
            readonly running: readonly components["schemas"]["RequestRecord"][];
        };
        /**
         * GatewayView
         * @description How the gateway stands.
         */
        readonly GatewayView: {
            /** @default [] */
            readonly breakers: readonly components["schemas"]["BreakerView"][];
            /** @default false */
            readonly capture_enabled: boolean;
            /** @default 0 */
            readonly captured: number;
            /** @default [] */
            readonly doors: readonly components["schemas"]["DoorView"][];
            readonly enabled: boolean;
            readonly exposed: boolean;
            readonly key_required: boolean;
            /** @default [] */
            readonly keys: readonly string[];
            /** @default [] */
            readonly models: readonly components["schemas"]["ModelView"][];
            /** @default [] */
            readonly refused_origins: readonly components["schemas"]["RefusedOrigin"][];
            /**
             * @default {
             *       "in_flight": 0,
             *       "waiting": 0,
             *       "ended": {},
             *       "models": []
             *     }
             */
            readonly traffic: components["schemas"]["Traffic"];
            /** @default [] */
            readonly warnings: readonly string[];
        };
        /**
         * HealReport
         * @description Result of heal and heal-now. `results` is empty while the operation still runs.
         */
        readonly HealReport: {
            readonly finished: boolean;
            readonly operation_id: string;
            readonly results: readonly components["schemas"]["HealResult"][];
        };
        /**
         * HealRequest
         * @description Body of heal and heal-now; all may be left out.
         */
        readonly HealRequest: {
            /** @default null */
            readonly model: string | null;
            /** @default true */
            readonly wait: boolean;
        };
        /**
         * HealResult
         * @description What one heal did to one endpoint.
         */
        readonly HealResult: {
            readonly after: string;
            readonly before: string;
            readonly detail: string;
            readonly duration_ms: number;
            readonly healed: boolean;
            /** @default null */
            readonly incident_id: string | null;
            readonly name: string;
        };
        /**
         * Health
         * @description `GET /api/health`: the sidecar itself.
         */
        readonly Health: {
            readonly instance: string;
            readonly otlp: components["schemas"]["OtlpStatus"];
            readonly pid: number;
            /** @enum {unknown} */
            readonly status: "ok";
            readonly uptime_s: number;
        };
        /**
         * HealWait
         * @description Body of healing one model; may be left out.
         */
        readonly HealWait: {
            /** @default true */
            readonly wait: boolean;
        };
        /**
         * Heartbeat
         * @description The result of one health check.
         */
        readonly Heartbeat: {
            readonly ok: boolean;
            /** @default null */
            readonly reason: string | null;
            /** @default null */
            readonly response_ms: number | null;
            readonly state: components["schemas"]["State"];
            readonly t_ms: number;
        };
        /**
         * HeartbeatEvent
         * @description One health check ended.
         */
        readonly HeartbeatEvent: {
            readonly heartbeat: components["schemas"]["Heartbeat"];
            /** @enum {unknown} */
            readonly kind: "heartbeat";
            readonly name: string;
        };
        /**
         * Hello
         * @description First frame of every session.
         */
        readonly Hello: {
            readonly absent: {
                readonly [key: string]: string;
            };
            readonly capabilities: readonly string[];
            readonly fields: readonly components["schemas"]["WireField"][];
            readonly instance: string;
            readonly interval_ms: number;
            readonly server_version: string;
            /** @enum {unknown} */
            readonly type: "hello";
            readonly wire_version: number;
        };
        /**
         * History
         * @description Past samples by column; every column is as long as `t_ms`.
         */
        readonly History: {
            readonly columns: {
                readonly [key: string]: readonly (number | null)[];
            };
            readonly t_ms: readonly number[];
        };
        /**
         * HistoryExportQuery
         * @description Which series, from when to when, and as what.
         */
        readonly HistoryExportQuery: {
            /**
             * @default csv
             * @enum {unknown}
             */
            readonly format: "csv" | "json";
            /** @default  */
            readonly from: string;
            /** @default  */
            readonly host: string;
            /** @default  */
            readonly series: string;
            /** @default 0 */
            readonly step: number;
            /** @default  */
            readonly to: string;
        };
        /**
         * HistoryMark
         * @description Something that happened, on the same axis as the numbers.
         */
        readonly HistoryMark: {
            readonly endpoint: string | null;
            /** @default null */
            readonly incident_id: string | null;
            /** @enum {unknown} */
            readonly kind: "breaker_closed" | "breaker_open" | "failed" | "healed" | "load" | "offline" | "online" | "restart" | "sidecar_start" | "unload";
            readonly t_ms: number;
            readonly text: string;
        };
        /**
         * HistoryQuery
         * @description Which series, from when to when. Times: milliseconds since 1970, or ISO 8601.
         */
        readonly HistoryQuery: {
            /** @default  */
            readonly from: string;
            /** @default  */
            readonly host: string;
            /** @default 500 */
            readonly points: number;
            /** @default  */
            readonly series: string;
            /** @default  */
            readonly to: string;
        };
        /**
         * HistoryRange
         * @description What was asked for, in buckets of `step_ms`.
         */
        readonly HistoryRange: {
            /** @enum {unknown} */
            readonly backend: "embedded" | "prometheus";
            readonly events: readonly components["schemas"]["HistoryMark"][];
            readonly from_ms: number;
            readonly host: string | null;
            /** @default null */
            readonly note: string | null;
            readonly series: readonly components["schemas"]["SeriesRange"][];
            readonly step_ms: number;
            readonly t_ms: readonly number[];
            readonly tier: string;
            readonly to_ms: number;
            readonly unknown: readonly string[];
        };
        /**
         * HistorySeries
         * @description `GET /api/history/series`: what can be asked for.
         */
        readonly HistorySeries: {
            readonly series: readonly components["schemas"]["SeriesSeen"][];
        };
        /**
         * HistorySeriesQuery
         * @description Whose series.
         */
        readonly HistorySeriesQuery: {
            /** @default  */
            readonly host: string;
        };
        /**
         * HistoryStats
         * @description How the store is.
         */
        readonly HistoryStats: {
            readonly available: boolean;
            /** @enum {unknown} */
            readonly backend: "embedded" | "prometheus";
            /** @default 0 */
            readonly dropped_samples: number;
            /** @default 0 */
            readonly estimated_bytes_full: number;
            /** @default 0 */
            readonly file_bytes: number;
            /** @default 0 */
            readonly max_bytes: number;
            /** @default 0 */
            readonly max_series: number;
            /** @default null */
            readonly reason: string | null;
            /** @default 0 */
            readonly refused_series: number;
            /** @default 0 */
            readonly series_count: number;
            /** @default null */
            readonly set_aside: string | null;
            /** @default [] */
            readonly tiers: readonly components["schemas"]["TierStats"][];
        };
        /**
         * HostView
         * @description One computer.
         */
        readonly HostView: {
            /** @default null */
            readonly alerts_active: number | null;
            /** @default null */
            readonly cpu_usage_pct: number | null;
            /** @default 0 */
            readonly endpoints_failed: number;
            /** @default 0 */
            readonly endpoints_online: number;
            /** @default 0 */
            readonly endpoints_total: number;
            /** @default null */
            readonly gpu_memory_usage_pct: number | null;
            /** @default null */
            readonly gpu_utilization_pct: number | null;
            readonly host: string;
            /** @default null */
            readonly last_seen_ms: number | null;
            /** @default null */
            readonly memory_usage_pct: number | null;
            /** @default [] */
            readonly problems: readonly string[];
            /** @enum {unknown} */
            readonly severity: "critical" | "ok" | "unknown" | "warning";
            readonly up: boolean;
            /** @default null */
            readonly version: string | null;
        };
        /**
         * Incident
         * @description One entry of the recovery log, from detection to outcome.
         */
        readonly Incident: {
            /** @enum {unknown} */
            readonly cause: "emergency" | "exit" | "manual" | "stalled" | "start_failed" | "unresponsive";
            /** @default null */
            readonly closed_ms: number | null;
            /** @default null */
            readonly duration_ms: number | null;
            readonly endpoint: string;
            /**
             * @default {
             *       "pid": null,
             *       "exit_code": null,
             *       "signal": null,
             *       "rss_bytes": null,
             *       "port_holder": null,
             *       "oom": null,
             *       "log_tail": []
             *     }
             */
            readonly evidence: components["schemas"]["Evidence"];
            readonly id: string;
            readonly opened_ms: number;
            /** @default null */
            readonly outcome: ("failed" | "false_alarm" | "healed" | "stopped") | null;
            /** @default [] */
            readonly steps: readonly components["schemas"]["IncidentStep"][];
            readonly summary: string;
        };
        /**
         * IncidentEvent
         * @description An incident was opened, advanced by a step, or closed.
         */
        readonly IncidentEvent: {
            readonly incident: components["schemas"]["Incident"];
            /** @enum {unknown} */
            readonly kind: "incident";
        };
        /**
         * Incidents
         * @description `GET /api/incidents`, newest first.
         */
        readonly Incidents: {
            readonly incidents: readonly components["schemas"]["Incident"][];
        };
        /**
         * IncidentsQuery
         * @description Which incidents.
         */
        readonly IncidentsQuery: {
            /** @default null */
            readonly endpoint: string | null;
            /** @default 50 */
            readonly limit: number;
        };
        /**
         * IncidentStep
         * @description One step of a repair.
         */
        readonly IncidentStep: {
            /** @default  */
            readonly detail: string;
            /** @default null */
            readonly duration_ms: number | null;
            readonly ok: boolean | null;
            readonly step: string;
            readonly t_ms: number;
        };
        /**
         * InstalledProgram
         * @description A program that could serve models and does not run.
         */
        readonly InstalledProgram: {
            readonly command: readonly string[];
            readonly kind: string;
            readonly label: string;
            readonly needs: readonly string[];
            readonly note: string | null;
            readonly path: string;
            readonly product: string;
            readonly proposal: Record<string, unknown> | null;
        };
        /**
         * LogBatch
         * @description One message of the log stream: what was written since the message before.
         */
        readonly LogBatch: {
            readonly lines: readonly components["schemas"]["LogLine"][];
            /** @default 0 */
            readonly skipped_bytes: number;
            /** @enum {unknown} */
            readonly type: "lines";
        };
        /**
         * LogLine
         * @description One line of a log, as written.
         */
        readonly LogLine: {
            readonly level: ("critical" | "debug" | "error" | "info" | "warning") | null;
            readonly source: string;
            readonly t_ms: number | null;
            readonly text: string;
        };
        /**
         * LogLines
         * @description `GET /api/ai-monitor/logs`.
         */
        readonly LogLines: {
            readonly lines: readonly components["schemas"]["LogLine"][];
            readonly source: string;
            readonly truncated: boolean;
        };
        /**
         * LogsQuery
         * @description Which log lines: the newest `lines` that match.
         */
        readonly LogsQuery: {
            /** @default null */
            readonly level: ("critical" | "debug" | "error" | "info" | "warning") | null;
            /** @default 200 */
            readonly lines: number;
            /** @default  */
            readonly q: string;
            /** @default monitor */
            readonly source: string;
        };
        /**
         * LogStreamQuery
         * @description Which log to follow, and how many of its newest lines come first.
         */
        readonly LogStreamQuery: {
            /** @default null */
            readonly level: ("critical" | "debug" | "error" | "info" | "warning") | null;
            /** @default 100 */
            readonly lines: number;
            /** @default  */
            readonly q: string;
            /** @default monitor */
            readonly source: string;
        };
        /**
         * ModelCommand
         * @description Body of loading and unloading a model.
         */
        readonly ModelCommand: {
            readonly model: string;
        };
        /**
         * Models
         * @description `GET /api/ai-monitor/models`, by name.
         */
        readonly Models: {
            readonly models: {
                readonly [key: string]: components["schemas"]["ModelStatus"];
            };
        };
        /**
         * ModelStatus
         * @description One endpoint as `GET /status` and `GET /models` show it.
         */
        readonly ModelStatus: {
            readonly breaker: string | null;
            readonly enabled: boolean;
            readonly error_message: string | null;
            readonly kind: string;
            readonly last_check: string | null;
            readonly last_success: string | null;
            readonly next_attempt_at: string | null;
            readonly port: number | null;
            readonly process_id: number | null;
            readonly response_time: number | null;
            readonly restart_count: number;
            readonly since: string;
            readonly state: string;
            readonly status: string;
            readonly step: string | null;
            readonly uptime_24h: number | null;
            readonly url: string;
        };
        /**
         * ModelTraffic
         * @description What passed through the gateway to one endpoint since the sidecar started.
         *
         *         The medians are those of requests that ended in the last 60 s; None when there was none.
         */
        readonly ModelTraffic: {
            /** @default {} */
            readonly ended: {
                readonly [key: string]: number;
            };
            readonly endpoint: string;
            /** @default 0 */
            readonly generated_tokens_total: number;
            /** @default null */
            readonly generation_tokens_per_s: number | null;
            /** @default 0 */
            readonly in_flight: number;
            /** @default null */
            readonly inter_token_p50_ms: number | null;
            /** @default null */
            readonly inter_token_p95_ms: number | null;
            /** @default null */
            readonly load_ms: number | null;
            /** @default null */
            readonly prompt_tokens_per_s: number | null;
            /** @default 0 */
            readonly prompt_tokens_total: number;
            /** @default null */
            readonly queue_ms: number | null;
            /** @default 0 */
            readonly requests_60s: number;
            /** @default null */
            readonly ttft_ms: number | null;
            /** @default 0 */
            readonly waiting: number;
        };
        /**
         * ModelView
         * @description One model as it is listed to clients. Served from a cache, in the time of a look-up.
         */
        readonly ModelView: {
            /** @default [] */
            readonly aliases: readonly string[];
            /** @default null */
            readonly architecture: string | null;
            /** @default null */
            readonly block_count: number | null;
            /**
             * @default [
             *       "completion"
             *     ]
             */
            readonly capabilities: readonly string[];
            /** @default null */
            readonly context_length: number | null;
            /** @default null */
            readonly context_length_max: number | null;
            /** @default null */
            readonly digest: string | null;
            /** @default null */
            readonly embedding_length: number | null;
            readonly endpoint: string;
            /** @default null */
            readonly expires_ms: number | null;
            /** @default null */
            readonly gpu_memory_bytes: number | null;
            /** @default null */
            readonly head_count: number | null;
            /** @default 0 */
            readonly in_flight: number;
            readonly kind: string;
            /** @default [] */
            readonly lacks: readonly string[];
            /** @default null */
            readonly memory_bytes: number | null;
            /** @default 0 */
            readonly modified_ms: number;
            readonly name: string;
            /**
             * @default llm
             * @enum {unknown}
             */
            readonly operation: "embedding" | "llm" | "vlm";
            /** @default null */
            readonly parameter_count: number | null;
            /** @default null */
            readonly path: string | null;
            /** @default null */
            readonly quantization: string | null;
            /** @default null */
            readonly reason: string | null;
            /** @default null */
            readonly size_bytes: number | null;
            /** @enum {unknown} */
            readonly state: "failed" | "loaded" | "loading" | "not_loaded";
        };
        /**
         * MonitoringEvent
         * @description Watching was switched on or off, or debug mode was toggled.
         */
        readonly MonitoringEvent: {
            readonly active: boolean;
            readonly debug_mode: boolean;
            /** @enum {unknown} */
            readonly kind: "monitoring";
        };
        /**
         * MonitoringSwitch
         * @description Result of start, stop and debug: how things stand now.
         */
        readonly MonitoringSwitch: {
            readonly debug_mode: boolean;
            readonly monitoring_active: boolean;
        };
        /**
         * MonitorStatus
         * @description `GET /api/ai-monitor/status`.
         */
        readonly MonitorStatus: {
            readonly debug_mode: boolean;
            readonly last_check: string | null;
            readonly models: {
                readonly [key: string]: components["schemas"]["ModelStatus"];
            };
            readonly monitoring_active: boolean;
            readonly online_models: number;
            /** @enum {unknown} */
            readonly overall_status: "critical" | "degraded" | "healthy";
            readonly total_models: number;
        };
        /**
         * NoBody
         * @description A command that takes no parameters: an empty object, or no body at all.
         */
        readonly NoBody: Record<string, unknown>;
        /**
         * NoQuery
         * @description An address that takes no query parameters.
         */
        readonly NoQuery: Record<string, unknown>;
        /**
         * OriginCommand
         * @description Body of `POST /api/gateway/origins`.
         */
        readonly OriginCommand: {
            readonly origin: string;
        };
        /**
         * OtlpStatus
         * @description How pushing to an OpenTelemetry collector goes. Travels as it is.
         */
        readonly OtlpStatus: {
            readonly enabled: boolean;
            /** @default 0 */
            readonly failed: number;
            /** @default null */
            readonly last_sent_ms: number | null;
            /** @default null */
            readonly ok: boolean | null;
            /** @default null */
            readonly reason: string | null;
            /** @default 0 */
            readonly sent: number;
        };
        /**
         * PartOf
         * @description The program that started a server and uses it for itself.
         */
        readonly PartOf: {
            readonly label: string;
            readonly pid: number;
            readonly product: string;
            readonly url: string | null;
        };
        /**
         * ProblemDetails
         * @description RFC 9457 problem+json with a stable `code` and a `hint` what to do.
         */
        readonly ProblemDetails: {
            readonly code: string;
            readonly detail: string;
            /** @default  */
            readonly hint: string;
            /** @default [] */
            readonly known: readonly string[];
            /** @default [] */
            readonly problems: readonly components["schemas"]["ConfigProblem"][];
            readonly status: number;
            /** @default  */
            readonly step: string;
            readonly title: string;
            readonly type: string;
            /** @default  */
            readonly version: string;
        };
        /**
         * Proposal
         * @description A change of the configuration that would mend a failed endpoint; a click applies it.
         */
        readonly Proposal: {
            /** @enum {unknown} */
            readonly kind: "parameters" | "port";
            /** @default {} */
            readonly parameters: {
                readonly [key: string]: string | number | boolean;
            };
            /** @default null */
            readonly port: number | null;
            readonly summary: string;
        };
        /**
         * RefusedOrigin
         * @description A page that was turned away.
         */
        readonly RefusedOrigin: {
            readonly count: number;
            readonly last_ms: number;
            readonly origin: string;
        };
        /**
         * RequestRecord
         * @description One request of a client, from its arrival to its end. Never holds any of its text.
         *
         *         What could not be measured is None.
         */
        readonly RequestRecord: {
            /** @default 0 */
            readonly bytes_in: number;
            /** @default 0 */
            readonly bytes_out: number;
            /** @default null */
            readonly cached_tokens: number | null;
            /** @default null */
            readonly client: string | null;
            /** @default null */
            readonly duration_ms: number | null;
            /** @default null */
            readonly ending: ("busy" | "client_gone" | "connect_failed" | "cut_off" | "garbled" | "loading" | "never_started" | "no_first_byte" | "ok" | "refused" | "server_error" | "stalled" | "unauthorized") | null;
            /** @default null */
            readonly endpoint: string | null;
            /** @default null */
            readonly error: string | null;
            /** @default null */
            readonly finish_reason: string | null;
            /** @default null */
            readonly generated_tokens: number | null;
            /** @default null */
            readonly generation_tokens_per_s: number | null;
            readonly id: string;
            /** @default null */
            readonly inter_token_p50_ms: number | null;
            /** @default null */
            readonly inter_token_p95_ms: number | null;
            /** @default null */
            readonly key: string | null;
            /** @default null */
            readonly load_ms: number | null;
            /** @default null */
            readonly load_ratio: number | null;
            readonly model: string | null;
            /** @enum {unknown} */
            readonly operation: "audio" | "chat" | "completion" | "count_tokens" | "embedding" | "infill" | "messages" | "other" | "rerank" | "response";
            readonly path: string;
            /**
             * @default done
             * @enum {unknown}
             */
            readonly phase: "done" | "loading" | "queued" | "sent" | "streaming";
            /** @default null */
            readonly position: number | null;
            /** @default null */
            readonly prompt_tokens: number | null;
            /** @default null */
            readonly prompt_tokens_per_s: number | null;
            /** @default null */
            readonly queue_ms: number | null;
            /** @default null */
            readonly status: number | null;
            /** @default false */
            readonly stream: boolean;
            /** @enum {unknown} */
            readonly surface: "anthropic" | "lmstudio" | "ollama" | "openai";
            readonly t_ms: number;
            /** @default null */
            readonly token_source: ("chunks" | "lmstudio" | "ollama" | "timings" | "usage") | null;
            /** @default null */
            readonly ttft_ms: number | null;
        };
        /**
         * RequestsQuery
         * @description Which requests; what is absent does not matter.
         */
        readonly RequestsQuery: {
            /** @default null */
            readonly endpoint: string | null;
            /** @default 100 */
            readonly limit: number;
            /** @default null */
            readonly model: string | null;
            /** @default null */
            readonly outcome: ("cancelled" | "failed" | "ok") | null;
            /** @default null */
            readonly surface: ("anthropic" | "lmstudio" | "ollama" | "openai") | null;
        };
        /**
         * Resume
         * @description Events after `seq`, and a snapshot whose history starts after `since_ms`.
         */
        readonly Resume: {
            readonly seq: number;
            /** @default 0 */
            readonly since_ms: number;
            /** @enum {unknown} */
            readonly type: "resume";
        };
        /**
         * RollbackRequest
         * @description Body of `POST /api/config/rollback`: one of the two.
         */
        readonly RollbackRequest: {
            /** @default null */
            readonly backup: string | null;
            /** @default null */
            readonly version: string | null;
        };
        /**
         * SeriesRange
         * @description One series over a range; every list is as long as the range's `t_ms`.
         *
         *         Without a sample a bucket holds null three times and a count of 0.
         */
        readonly SeriesRange: {
            readonly avg: readonly (number | null)[];
            readonly count: readonly number[];
            readonly group: string;
            readonly label: string;
            readonly max: readonly (number | null)[];
            readonly min: readonly (number | null)[];
            readonly name: string;
            readonly unit: string;
        };
        /**
         * SeriesSeen
         * @description A series that the store holds.
         */
        readonly SeriesSeen: {
            readonly first_ms: number;
            readonly group: string;
            readonly label: string;
            readonly last_ms: number;
            readonly name: string;
            readonly unit: string;
        };
        readonly ServerFrame: components["schemas"]["Hello"] | components["schemas"]["Fields"] | components["schemas"]["Snapshot"] | components["schemas"]["Tick"] | components["schemas"]["Event"] | components["schemas"]["Gap"] | components["schemas"]["Bye"];
        /**
         * SessionLink
         * @description `POST /api/session/links`: a link that lets one browser in, once.
         */
        readonly SessionLink: {
            readonly expires_in_s: number;
            readonly path: string;
        };
        /**
         * ShutdownRequest
         * @description `POST /api/shutdown`.
         */
        readonly ShutdownRequest: {
            /** @default null */
            readonly instance: string | null;
            /** @default null */
            readonly keep_models: boolean | null;
        };
        /**
         * ShuttingDown
         * @description The sidecar ends now.
         */
        readonly ShuttingDown: {
            readonly instance: string;
            readonly pid: number;
            readonly within_s: number;
        };
        /**
         * Snapshot
         * @description The whole picture: sent after hello, and as the answer to resume.
         */
        readonly Snapshot: {
            readonly debug_mode: boolean;
            readonly endpoints: readonly components["schemas"]["EndpointView"][];
            readonly event_seq: number;
            readonly history: components["schemas"]["History"];
            readonly incidents: readonly components["schemas"]["Incident"][];
            readonly monitoring_active: boolean;
            readonly seq: number;
            readonly t_ms: number;
            /** @enum {unknown} */
            readonly type: "snapshot";
            readonly values: {
                readonly [key: string]: number | null;
            };
        };
        /**
         * State
         * @description What an endpoint is doing, in the words used on the wire and on screen.
         * @enum {unknown}
         */
        readonly State: "backoff" | "degraded" | "disabled" | "failed" | "healing" | "loading" | "offline" | "online" | "starting" | "stopped" | "stopping";
        /**
         * Subscribe
         * @description Choose groups and the pace.
         *
         *         Without groups all come but `cpu_cores` and `network_interfaces`, which are large.
         */
        readonly Subscribe: {
            /** @default null */
            readonly groups: readonly string[] | null;
            /** @default null */
            readonly interval_ms: number | null;
            /** @enum {unknown} */
            readonly type: "subscribe";
        };
        /**
         * Tick
         * @description One sample. Only fields that changed since the tick before, unless `full`.
         */
        readonly Tick: {
            /** @default false */
            readonly full: boolean;
            readonly seq: number;
            readonly t_ms: number;
            /** @enum {unknown} */
            readonly type: "tick";
            readonly values: {
                readonly [key: string]: number | null;
            };
        };
        /**
         * TierStats
         * @description One resolution as it is filled now. `rows`: its points, all series together.
         */
        readonly TierStats: {
            readonly keep_s: number;
            readonly name: string;
            readonly oldest_ms: number | null;
            readonly rows: number;
            readonly step_s: number;
        };
        /**
         * Traffic
         * @description All that passed through the gateway since the sidecar started.
         */
        readonly Traffic: {
            /** @default {} */
            readonly ended: {
                readonly [key: string]: number;
            };
            /** @default 0 */
            readonly in_flight: number;
            /** @default [] */
            readonly models: readonly components["schemas"]["ModelTraffic"][];
            /** @default 0 */
            readonly waiting: number;
        };
        /**
         * Version
         * @description `GET /api/version`.
         */
        readonly Version: {
            readonly python: string;
            readonly version: string;
            readonly wire_version: number;
        };
        /**
         * Visible
         * @description A hidden page does not keep the fast lane busy.
         */
        readonly Visible: {
            /** @enum {unknown} */
            readonly type: "visible";
            readonly visible: boolean;
        };
        /**
         * WireField
         * @description A declared metric field and the number that stands for it in ticks.
         */
        readonly WireField: {
            readonly group: string;
            readonly id: number;
            readonly kind: string;
            readonly label: string;
            readonly name: string;
            readonly unit: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
