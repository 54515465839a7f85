"""OpenAI's API: which models there are. Answered from the table, never asked."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from llama_runner_pro.core.errors import BadRequest
from llama_runner_pro.gateway.surfaces.answers import json_answer
from llama_runner_pro.gateway.translate.ollama_models import tagged

if TYPE_CHECKING:
    from collections.abc import Callable

    from llama_runner_pro.endpoints.traffic import ModelView
    from llama_runner_pro.gateway.surfaces.address import Handler
    from llama_runner_pro.gateway.surfaces.call import Call

    Shape = Callable[[ModelView, str], dict[str, Any]]


def item(view: ModelView, name: str) -> dict[str, Any]:
    """One entry at the OpenAI door. `created` is there, for strict clients; so is the context."""
    context = view.context_length or view.context_length_max
    return {
        "id": name,
        "object": "model",
        "created": view.modified_ms // 1000,
        "owned_by": view.kind,
        **({"context_length": context, "max_model_len": context} if context else {}),
    }


def ollama_item(view: ModelView, name: str) -> dict[str, Any]:
    """One entry at Ollama's door."""
    return {
        "id": tagged(name),
        "object": "model",
        "created": view.modified_ms // 1000,
        "owned_by": "library",
    }


async def _models(call: Call, *, shape: Shape) -> Response:
    items = [shape(view, name) for view in call.models() for name in (view.name, *view.aliases)]
    return json_answer({"object": "list", "data": items})


async def _model(call: Call, *, shape: Shape) -> Response:
    name = call.param("model")
    return json_answer(shape(call.find(name), name))


def handlers(shape: Shape) -> dict[str, dict[str, Handler]]:
    """`GET /v1/models` and `GET /v1/models/{id}`."""
    return {
        "/v1/models": {"GET": partial(_models, shape=shape)},
        "/v1/models/{model:path}": {"GET": partial(_model, shape=shape)},
    }


async def root(call: Call) -> Response:
    """`GET /` and `HEAD /` do no harm: some clients look whether somebody is there."""
    return Response("LlamaRunner Pro is running", media_type="text/plain")


async def unknown(call: Call) -> Response:
    """Whatever we do not have."""
    path = call.path
    raise BadRequest(f"there is nothing at {path}", status=404, code="unknown_url")
