"""The frames of the metrics stream. `types.ts` and the golden frames derive from them.

Endpoint and incident shapes live in `endpoints.ports`. Frames have a `type`, events a `kind`.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from llama_runner_pro.api.alert_shapes import AlertEvent, DeliveryEvent
from llama_runner_pro.api.config_shapes import ConfigOrigin
from llama_runner_pro.api.gateway_shapes import GatewayEvent
from llama_runner_pro.api.schemas import ConfigProblem
from llama_runner_pro.endpoints.ports import EndpointView, Heartbeat, Incident

WIRE_VERSION = 1
MSGPACK_PROTOCOL = "llama-runner.v1.msgpack"
JSON_PROTOCOL = "llama-runner.v1.json"

Number = float | int | None


class WireField(Struct, frozen=True, kw_only=True):
    """A declared metric field and the number that stands for it in ticks."""

    id: int
    name: str
    unit: str
    label: str
    group: str
    kind: str


# --- server → client frames of the metrics stream ------------------------------------------------


class Hello(Struct, frozen=True, kw_only=True, tag="hello", tag_field="type"):
    """First frame of every session."""

    wire_version: int
    server_version: str
    instance: str
    """New for every start of the sidecar; sequence numbers restart with it."""
    interval_ms: int
    fields: list[WireField]
    absent: dict[str, str]
    """Field or group name → why this machine has no value for it."""
    capabilities: list[str]


class Fields(Struct, frozen=True, kw_only=True, tag="fields", tag_field="type"):
    """The catalogue changed (an endpoint came or went, a sensor appeared)."""

    fields: list[WireField]
    absent: dict[str, str]


class History(Struct, frozen=True, kw_only=True):
    """Past samples by column; every column is as long as `t_ms`."""

    t_ms: list[int]
    columns: dict[int, list[Number]]


class Snapshot(Struct, frozen=True, kw_only=True, tag="snapshot", tag_field="type"):
    """The whole picture: sent after hello, and as the answer to resume."""

    seq: int
    event_seq: int
    t_ms: int
    values: dict[int, Number]
    history: History
    endpoints: list[EndpointView]
    incidents: list[Incident]
    """Open ones and the most recent closed ones, newest first."""
    monitoring_active: bool
    debug_mode: bool


class Tick(Struct, frozen=True, kw_only=True, tag="tick", tag_field="type"):
    """One sample. Only fields that changed since the tick before, unless `full`."""

    seq: int
    t_ms: int
    values: dict[int, Number]
    full: bool = False


class EndpointEvent(Struct, frozen=True, kw_only=True, tag="endpoint", tag_field="kind"):
    """An endpoint changed state, step or settings."""

    endpoint: EndpointView


class EndpointGoneEvent(Struct, frozen=True, kw_only=True, tag="endpoint_gone", tag_field="kind"):
    """An endpoint was removed from the configuration."""

    name: str


class IncidentEvent(Struct, frozen=True, kw_only=True, tag="incident", tag_field="kind"):
    """An incident was opened, advanced by a step, or closed."""

    incident: Incident


class HeartbeatEvent(Struct, frozen=True, kw_only=True, tag="heartbeat", tag_field="kind"):
    """One health check ended."""

    name: str
    heartbeat: Heartbeat


class MonitoringEvent(Struct, frozen=True, kw_only=True, tag="monitoring", tag_field="kind"):
    """Watching was switched on or off, or debug mode was toggled."""

    active: bool
    debug_mode: bool


class ConfigEvent(Struct, frozen=True, kw_only=True, tag="config", tag_field="kind"):
    """The configuration changed, or a file that was edited outside was refused."""

    version: str
    """That of the configuration that runs now."""
    origin: ConfigOrigin
    problems: list[ConfigProblem]
    """What is wrong with the file on disk; empty when it is what runs."""


EventBody = (
    EndpointEvent
    | EndpointGoneEvent
    | IncidentEvent
    | HeartbeatEvent
    | MonitoringEvent
    | ConfigEvent
    | AlertEvent
    | DeliveryEvent
    | GatewayEvent
)


class Event(Struct, frozen=True, kw_only=True, tag="event", tag_field="type"):
    """Something happened. Never dropped; `seq` counts events only."""

    seq: int
    t_ms: int
    event: EventBody


class Gap(Struct, frozen=True, kw_only=True, tag="gap", tag_field="type"):
    """Frames that this session did not get; inclusive. Ask with `resume` for what is missing."""

    stream: Literal["tick", "event"]
    from_seq: int = msgspec.field(name="from")
    to_seq: int = msgspec.field(name="to")


class Bye(Struct, frozen=True, kw_only=True, tag="bye", tag_field="type"):
    """Last frame before the server closes the session."""

    code: int
    reason: str


ServerFrame = Hello | Fields | Snapshot | Tick | Event | Gap | Bye


# --- client → server frames ----------------------------------------------------------------------


class Subscribe(
    Struct, frozen=True, kw_only=True, tag="subscribe", tag_field="type", forbid_unknown_fields=True
):
    """Choose groups and the pace.

    Without groups all come but `cpu_cores` and `network_interfaces`, which are large.
    """

    groups: Annotated[list[str], Meta(max_length=64)] | None = None
    interval_ms: Annotated[int, Meta(ge=100, le=60_000)] | None = None


class Visible(
    Struct, frozen=True, kw_only=True, tag="visible", tag_field="type", forbid_unknown_fields=True
):
    """A hidden page does not keep the fast lane busy."""

    visible: bool


class Ack(
    Struct, frozen=True, kw_only=True, tag="ack", tag_field="type", forbid_unknown_fields=True
):
    """The newest event the client has handled."""

    seq: Annotated[int, Meta(ge=0)]


class Resume(
    Struct, frozen=True, kw_only=True, tag="resume", tag_field="type", forbid_unknown_fields=True
):
    """Events after `seq`, and a snapshot whose history starts after `since_ms`."""

    seq: Annotated[int, Meta(ge=0)]
    since_ms: Annotated[int, Meta(ge=0)] = 0


ClientFrame = Subscribe | Visible | Ack | Resume
