"""Shapes of the gateway over REST and on the stream. The values are in `endpoints.traffic`."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from llama_runner_pro.endpoints.traffic import (
    BreakerView,
    Captured,
    DoorView,
    RequestRecord,
    Surface,
)

Text = Annotated[str, Meta(min_length=1, max_length=500)]


class GatewayRequests(Struct, frozen=True, kw_only=True):
    """`GET /api/gateway/requests`. Never any of their text."""

    running: list[RequestRecord]
    """The oldest first."""
    ended: list[RequestRecord]
    """The newest first."""


class RequestsQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which requests; what is absent does not matter."""

    limit: Annotated[int, Meta(ge=1, le=500)] = 100
    model: str | None = None
    endpoint: str | None = None
    surface: Surface | None = None
    outcome: Literal["ok", "failed", "cancelled"] | None = None
    """`cancelled`: the client went away. `failed`: everything else that did not end well."""


class BreakerCommand(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `POST /api/gateway/breakers`."""

    endpoint: Text
    model: Text
    action: Literal["open", "close", "reset"]


class ModelCommand(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of loading and unloading a model."""

    model: Text


class OriginCommand(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Body of `POST /api/gateway/origins`."""

    origin: Text


class Captures(Struct, frozen=True, kw_only=True):
    """`GET /api/gateway/captures`, newest first."""

    captures: list[Captured]


class GatewayEvent(Struct, frozen=True, kw_only=True, tag="gateway", tag_field="kind"):
    """A breaker or a door of the gateway changed; the other one is None."""

    breaker: BreakerView | None = None
    door: DoorView | None = None
