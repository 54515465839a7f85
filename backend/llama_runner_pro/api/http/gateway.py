"""`/api/gateway`: doors, models, breakers and requests of the gateway."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from llama_runner_pro.api.gateway_shapes import (
    BreakerCommand,
    Captures,
    GatewayRequests,
    ModelCommand,
    OriginCommand,
    RequestsQuery,
)
from llama_runner_pro.api.problems import ApiProblem
from llama_runner_pro.api.route import Reply

if TYPE_CHECKING:
    from llama_runner_pro.api.route import Call
    from llama_runner_pro.endpoints.traffic import RequestRecord


_DOORS: dict[str, Literal["openai", "ollama"]] = {"openai": "openai", "ollama": "ollama"}


async def overview(call: Call) -> Reply:
    """How everything stands."""
    return Reply(call.deps.gateway.view())


async def requests(call: Call) -> Reply:
    """Running and ended requests."""
    wanted = call.query_as(RequestsQuery)

    def fits(record: RequestRecord) -> bool:
        return _fits(wanted, record)

    gateway = call.deps.gateway
    return Reply(
        GatewayRequests(
            running=[record for record in gateway.running() if fits(record)],
            ended=list(gateway.ended(wanted.limit, fits)),
        )
    )


async def captures(call: Call) -> Reply:
    """Texts of requests, if the user keeps them."""
    return Reply(Captures(captures=list(call.deps.gateway.captured())))


async def forget_captures(call: Call) -> Reply:
    """Forget the texts."""
    call.deps.gateway.forget_captured()
    return Reply(Captures(captures=[]))


async def set_breaker(call: Call) -> Reply:
    """Open, close or reset a breaker."""
    wanted = call.body_as(BreakerCommand)
    return Reply(call.deps.gateway.set_breaker(wanted.endpoint, wanted.model, wanted.action))


async def reopen_door(call: Call) -> Reply:
    """Move a door back to its wanted port."""
    name = call.path["name"]
    door = _DOORS.get(name)
    if door is None:
        raise ApiProblem(
            404,
            "unknown_door",
            "No such door",
            f"the gateway has no door named {name!r}",
            hint="there are openai and ollama",
        )
    return Reply(await call.deps.gateway.reopen(door))


async def load_model(call: Call) -> Reply:
    """Have a model loaded."""
    return Reply(await call.deps.gateway.load(call.body_as(ModelCommand).model))


async def unload_model(call: Call) -> Reply:
    """Unload a model."""
    return Reply(await call.deps.gateway.unload(call.body_as(ModelCommand).model))


async def allow_origin(call: Call) -> Reply:
    """Let pages of an origin in."""
    await call.deps.gateway.allow_origin(call.body_as(OriginCommand).origin)
    return Reply(call.deps.gateway.view())


def _fits(wanted: RequestsQuery, record: RequestRecord) -> bool:
    return (
        wanted.model in (None, record.model)
        and wanted.endpoint in (None, record.endpoint)
        and wanted.surface in (None, record.surface)
        and wanted.outcome in (None, _outcome(record))
    )


def _outcome(record: RequestRecord) -> str | None:
    if record.ending is None:
        return None
    return {"ok": "ok", "client_gone": "cancelled"}.get(record.ending, "failed")
