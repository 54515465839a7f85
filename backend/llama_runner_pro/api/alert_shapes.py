"""Shapes of alerts over REST and on the stream. The values themselves are in `alerts.ports`."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from llama_runner_pro.alerts.ports import DESKTOP, Alert, ChannelView, Delivery


class Alerts(Struct, frozen=True, kw_only=True):
    """`GET /api/alerts`: all lists newest first, channels in the configuration's order."""

    active: list[Alert]
    """Alarms that hold now."""
    recent: list[Alert]
    """Alarms that are over."""
    deliveries: list[Delivery]
    channels: list[ChannelView]
    """`desktop` comes first."""


class AlertsQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many of the recent alerts and of the deliveries."""

    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class AlertTest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `POST /api/alerts/test`; may be left out."""

    channel: str = DESKTOP


class AlertEvent(Struct, frozen=True, kw_only=True, tag="alert", tag_field="kind"):
    """An alert was raised, acknowledged or resolved."""

    alert: Alert
    notify: bool
    """Show a desktop notification: it is news, and the user wants them."""


class DeliveryEvent(Struct, frozen=True, kw_only=True, tag="delivery", tag_field="kind"):
    """A message to a channel was queued, tried, sent or given up."""

    delivery: Delivery
    channel: ChannelView
    """How the channel is now."""
