/** Short names for the generated wire shapes, and the unions that the stream speaks in. */
import type { components } from "./types";

type Schemas = components["schemas"];

export type WireField = Schemas["WireField"];
export type Hello = Schemas["Hello"];
export type FieldsFrame = Schemas["Fields"];
export type Snapshot = Schemas["Snapshot"];
export type History = Schemas["History"];
export type Tick = Schemas["Tick"];
export type EventFrame = Schemas["Event"];
export type EventBody = EventFrame["event"];
export type Gap = Schemas["Gap"];
export type Bye = Schemas["Bye"];
export type ServerFrame = Hello | FieldsFrame | Snapshot | Tick | EventFrame | Gap | Bye;

export type Subscribe = Schemas["Subscribe"];
export type Visible = Schemas["Visible"];
export type Ack = Schemas["Ack"];
export type Resume = Schemas["Resume"];
export type ClientFrame = Subscribe | Visible | Ack | Resume;

export type EndpointView = Schemas["EndpointView"];
export type EndpointState = EndpointView["state"];
export type Heartbeat = Schemas["Heartbeat"];
export type Incident = Schemas["Incident"];
export type IncidentStep = Schemas["IncidentStep"];
export type Evidence = Schemas["Evidence"];
export type HealReport = Schemas["HealReport"];
export type LogLine = Schemas["LogLine"];
export type LogBatch = Schemas["LogBatch"];
export type Incidents = Schemas["Incidents"];
export type ProblemDetails = Schemas["ProblemDetails"];
export type Version = Schemas["Version"];
export type Proposal = Schemas["Proposal"];

export type Access = Schemas["Access"];
export type ConfigDocument = Schemas["ConfigDocument"];
export type ConfigBackup = Schemas["ConfigBackup"];
export type ConfigChanged = Schemas["ConfigChanged"];
export type ConfigEffect = Schemas["ConfigEffect"];
export type ConfigProblem = Schemas["ConfigProblem"];

export type Discovery = Schemas["Discovery"];
export type FoundServer = Schemas["FoundServer"];
export type InstalledProgram = Schemas["InstalledProgram"];

export type Acknowledged = Schemas["Acknowledged"];
export type Alert = Schemas["Alert"];
export type Alerts = Schemas["Alerts"];
export type ChannelTest = Schemas["ChannelTest"];
export type ChannelView = Schemas["ChannelView"];
export type Delivery = Schemas["Delivery"];

export type Bundle = Schemas["Bundle"];
export type Bundles = Schemas["Bundles"];

export type GatewayView = Schemas["GatewayView"];
export type GatewayRequests = Schemas["GatewayRequests"];
export type DoorView = Schemas["DoorView"];
export type ModelView = Schemas["ModelView"];
export type BreakerView = Schemas["BreakerView"];
export type RequestRecord = Schemas["RequestRecord"];
export type RefusedOrigin = Schemas["RefusedOrigin"];
export type Captured = Schemas["Captured"];
export type Captures = Schemas["Captures"];

/** A metric value: null means that this machine has none just now. */
export type WireNumber = number | null;
