"""What other layers may see of alerts: values, no behaviour. These shapes go over the wire."""

from __future__ import annotations

from typing import Literal

import msgspec

from llama_runner_pro.config.alerts import ChannelKind, Severity
from llama_runner_pro.core.value_object import ValueObject

RuleName = Literal[
    "endpoint_failed",
    "endpoint_flapping",
    "breaker_open",
    "process_memory",
    "endpoint_gpu_memory",
    "system_memory",
    "gpu_memory",
    "gpu_temperature",
    "test",
]
Resolution = Literal["recovered", "withdrawn"]
Purpose = Literal["alarm", "recovery", "test"]
DeliveryState = Literal["queued", "sending", "sent", "failed", "cancelled"]
ChannelHealth = Literal["unused", "ok", "failing", "paused", "off"]

DESKTOP = "desktop"
"""The channel that is always there: an event on the stream, shown by whoever is connected."""


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """Something that somebody should know, from the alarm to its end."""

    id: str
    rule: RuleName
    severity: Severity
    subject: str
    """What it is about: an endpoint's name, `gpu0`, or `machine`."""
    endpoint: str | None = None
    """Set when the subject is an endpoint."""
    title: str
    """One line, as in a notification."""
    message: str
    """What happened, in words."""
    hint: str = ""
    """What the user can do about it."""
    raised_ms: int
    resolved_ms: int | None = None
    """None while it holds."""
    resolution: Resolution | None = None
    """`withdrawn`: nothing to watch any more (switched off, removed, no longer measured)."""
    resolution_text: str = ""
    acknowledged_ms: int | None = None
    """When somebody said that they know."""
    incident_id: str | None = None


class Acknowledged(Alert, frozen=True, kw_only=True):
    """An alert that somebody knows of."""

    unkept: str | None = None
    """Why that would be forgotten with the sidecar's end; null: it is on disk."""


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One message on its way to one channel."""

    id: str
    alert_id: str
    channel: str
    purpose: Purpose
    title: str
    body: str
    severity: Severity
    state: DeliveryState
    """`queued` with `attempts` above 0: it failed so far and is tried again."""
    attempts: int = 0
    reason: str | None = None
    """Why the last attempt failed, or why it was given up or cancelled."""
    created_ms: int
    next_attempt_ms: int | None = None
    """When it is tried again; None when nothing more is planned or it is its turn now."""
    expires_ms: int
    """Given up when it could not be delivered until then."""
    ended_ms: int | None = None
    """When it was sent, given up or cancelled."""


class ChannelView(msgspec.Struct, frozen=True, kw_only=True):
    """A way to reach somebody, and how well it works."""

    name: str
    kind: ChannelKind | Literal["desktop"]
    address: str
    """Where it leads, without anything secret, as in `https://ntfy.example/•••`."""
    enabled: bool
    min_severity: Severity
    health: ChannelHealth
    """`failing`: the last attempt failed; `paused`: and the next is at `paused_until_ms`."""
    reason: str | None = None
    """Why the last attempt failed; None when it worked."""
    failures: int = 0
    """Failed attempts in a row."""
    waiting: int = 0
    """Messages that are not delivered yet."""
    last_sent_ms: int | None = None
    paused_until_ms: int | None = None


class ChannelTest(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a test message."""

    channel: str
    ok: bool
    reason: str
    """In words, also when it worked."""
    duration_ms: float


class AlertChanged(ValueObject, frozen=True):
    """An alert was raised, acknowledged or resolved. `notify`: worth a desktop notification."""

    alert: Alert
    notify: bool


class DeliveryChanged(ValueObject, frozen=True):
    """A message was queued or tried; with how its channel is now."""

    delivery: Delivery
    channel: ChannelView


AlertNews = AlertChanged | DeliveryChanged
