"""Ollama's API: who we are, and which models there are. Answered from the table, never asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from llama_runner_pro.gateway.surfaces.answers import json_answer
from llama_runner_pro.gateway.translate.ollama_models import ps_item, show, tags_item
from llama_runner_pro.gateway.translate.ollama_shapes import Named, parsed, required

if TYPE_CHECKING:
    from llama_runner_pro.gateway.surfaces.call import Call

OLLAMA_VERSION = "0.32.15"
"""The version whose API we speak; clients refuse servers below certain ones."""
_FOREVER_MS = 1 << 62


async def root(call: Call) -> Response:
    """`GET /` and `HEAD /`: how clients find out that this is Ollama."""
    return Response("Ollama is running", media_type="text/plain")


async def version(call: Call) -> Response:
    """`GET /api/version`."""
    return json_answer({"version": OLLAMA_VERSION})


async def status(call: Call) -> Response:
    """`GET /api/status`: there is no cloud behind us."""
    return json_answer({"cloud": {"disabled": True, "source": "none"}})


async def tags(call: Call) -> Response:
    """`GET /api/tags`: every name of every model, newest first."""
    views = sorted(call.models(), key=lambda view: -view.modified_ms)
    recipe = call.desk.table.recipe
    items = [
        tags_item(view, name, recipe(view.name))
        for view in views
        for name in (view.name, *view.aliases)
    ]
    return json_answer({"models": items})


async def ps(call: Call) -> Response:
    """`GET /api/ps`: what is loaded, the one that stays longest first."""
    loaded = [view for view in call.models() if view.state == "loaded"]
    loaded.sort(key=lambda view: -(_FOREVER_MS if view.expires_ms is None else view.expires_ms))
    return json_answer({"models": [ps_item(view) for view in loaded]})


async def show_model(call: Call) -> Response:
    """`POST /api/show`."""
    name = required(parsed(await call.body(), Named).wanted)
    view, recipe = call.find(name), call.desk.table.recipe(name)
    return json_answer(show(view, call.user_agent, name, recipe))
