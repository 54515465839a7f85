"""The addresses of llama-server as a router: which models there are, loading and unloading them.

Shapes are those of llama.cpp's `tools/server/README.md`, section on the router.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import msgspec

from llama_runner_pro.core.errors import BadRequest, GatewayError
from llama_runner_pro.core.unreadable import UNREADABLE
from llama_runner_pro.gateway.surfaces.answers import json_answer
from llama_runner_pro.gateway.surfaces.openai_lists import item

if TYPE_CHECKING:
    from starlette.responses import Response

    from llama_runner_pro.endpoints.traffic import ModelView
    from llama_runner_pro.gateway.surfaces.call import Call

_log = logging.getLogger(__name__)
_STATES = {"loaded": "loaded", "loading": "loading"}


class ModelAsked(msgspec.Struct):
    """`POST /models/load` and `/models/unload`."""

    model: str = ""


async def models(call: Call) -> Response:
    """`GET /models`, also with `?reload=1`: the list is always fresh."""
    data = [_entry(view) for view in call.models()]
    return json_answer({"object": "list", "data": data})


async def load(call: Call) -> Response:
    """`POST /models/load`: begins it, and does not wait. How it went, `GET /models` tells."""
    view = await _meant(call)
    if view.state == "not_loaded" or view.state == "failed":
        name, priority = view.name, call.visitor.priority

        async def bring() -> None:
            try:
                await call.desk.table.load(name, priority=priority)
            except GatewayError as error:
                _log.info("%s was not loaded: %s", name, error)

        call.desk.journeys.spawn(bring())
    return json_answer({"success": True})


async def unload(call: Call) -> Response:
    """`POST /models/unload`; returns when it is unloaded."""
    view = await _meant(call)
    if view.state not in _STATES:
        raise BadRequest(f"the model {view.name!r} is not loaded", "model", code="not_loaded")
    await call.unless_gone(lambda: call.desk.table.unload(view.name))
    return json_answer({"success": True})


async def not_here(call: Call) -> Response:
    """`POST /models` downloads and `DELETE /models` removes files there; here neither is done."""
    reason = (
        "this server neither downloads nor removes models; its configuration tells which it has"
    )
    raise BadRequest(reason, status=501, code="not_implemented")


async def _meant(call: Call) -> ModelView:
    body = await call.body()
    try:
        asked = msgspec.json.decode(body or b"{}", type=ModelAsked)
    except UNREADABLE as error:
        raise BadRequest(str(error), code="invalid_value") from error
    return call.find(asked.model)


def _entry(view: ModelView) -> dict[str, Any]:
    status: dict[str, Any] = {"value": _STATES.get(view.state, "unloaded"), "args": []}
    if view.state == "failed":
        status |= {"failed": True, "exit_code": 1}
    return {**item(view, view.name), "in_cache": True, "status": status}
