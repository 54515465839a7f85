"""Ollama's API: the store of models. Names can be given and taken, models can be made of others;
files are never touched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace
from starlette.responses import Response

from llama_runner_pro.config.derived import DerivedModelSpec
from llama_runner_pro.core.errors import BadRequest, ModelNotFound
from llama_runner_pro.gateway.dispatch import Dispatch
from llama_runner_pro.gateway.surfaces.answers import NDJSON, Streamed, json_answer, passed
from llama_runner_pro.gateway.surfaces.call import JSON_LINES, accepted
from llama_runner_pro.gateway.surfaces.downloads import looked_after
from llama_runner_pro.gateway.surfaces.ollama_talk import NATIVE_KIND
from llama_runner_pro.gateway.translate.derived import derived, plain_name
from llama_runner_pro.gateway.translate.ollama_models import template
from llama_runner_pro.gateway.translate.ollama_shapes import (
    CopyAsked,
    CreateAsked,
    Named,
    parsed,
    required,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from llama_runner_pro.endpoints.traffic import ModelView
    from llama_runner_pro.gateway.ports import ModelNames
    from llama_runner_pro.gateway.surfaces.call import Call

_PRESENT = ("pulling manifest", "verifying sha256 digest", "writing manifest", "success")


async def pull(call: Call) -> Response | Streamed:
    """`POST /api/pull`: what is here already is a success; a real Ollama behind us downloads."""
    body = await call.body()
    asked = parsed(body, Named)
    name = required(asked.wanted)
    view = call.desk.table.find(name)
    if view is not None and view.kind != NATIVE_KIND:
        if not asked.streams:
            return json_answer({"status": "success"})
        return Streamed(NDJSON, _told([{"status": one} for one in _PRESENT]))
    hosts = call.desk.table.hosts(NATIVE_KIND)
    endpoint = view.endpoint if view is not None else next(iter(hosts), None)
    if endpoint is None:
        return _nobody_downloads(name, asked)
    ask = call.ask(name, "other", stream=asked.streams, endpoint=endpoint)
    reply = await call.travel(ask, lambda _: Dispatch("POST", "/api/pull", JSON_LINES, body))
    told = passed(await accepted(reply))
    return replace(told, pieces=looked_after(call, endpoint, told.pieces))


async def push(call: Call) -> Response:
    """`POST /api/push`."""
    parsed(await call.body(), Named)
    raise _not_here("uploading models is not supported by this server")


async def create(call: Call) -> Response | Streamed:
    """`POST /api/create`: a model that is made of one that is here, kept in our configuration.

    One of a real Ollama is made there.
    """
    body = await call.body()
    asked = parsed(body, CreateAsked)
    name = required(asked.wanted)
    if asked.files or asked.adapters or asked.quantize or not asked.from_:
        raise _not_here("creating models from files is not supported by this server")
    view, table = call.find(asked.from_), call.desk.table
    parent = table.recipe(asked.from_)
    if view.kind == NATIVE_KIND and parent is None:
        return await _create_there(call, name, view.endpoint, body)
    _check_template(asked.template, view)
    made = derived(name, view.name, parent, asked)
    if made == DerivedModelSpec(name=made.name, base=made.base) and table.recipe(name) is None:
        await _names(call).copy(view.name, name)
    else:
        await _names(call).derive(made)
    if not asked.streams:
        return json_answer({"status": "success"})
    return Streamed(NDJSON, _told([{"status": one} for one in ("writing manifest", "success")]))


async def _create_there(call: Call, name: str, endpoint: str, body: bytes) -> Streamed:
    """By a real Ollama: it knows its own files, templates and adapters."""
    asked = parsed(body, CreateAsked)
    ask = call.ask(name, "other", stream=asked.streams, endpoint=endpoint)
    reply = await call.travel(ask, lambda _: Dispatch("POST", "/api/create", JSON_LINES, body))
    told = passed(await accepted(reply))
    return replace(told, pieces=looked_after(call, endpoint, told.pieces))


def _check_template(wanted: str | None, view: ModelView) -> None:
    """What `/api/show` tells comes back when a Modelfile is copied; anything else would have to
    be obeyed, and only the model's server knows how its template is applied.
    """
    if wanted and wanted.strip() != template(view):
        raise _not_here("a template of one's own is not supported; the model's own one is used")


async def copy(call: Call) -> Response:
    """`POST /api/copy`: another name for a model."""
    asked = parsed(await call.body(), CopyAsked)
    if not asked.destination:
        raise BadRequest("destination is required", "destination")
    view = call.find(required(asked.source))
    recipe = call.desk.table.recipe(asked.source)
    if recipe is None:
        await _names(call).copy(view.name, asked.destination)
    else:
        await _names(call).derive(replace(recipe, name=plain_name(asked.destination)))
    return Response(status_code=200)


async def delete(call: Call) -> Response:
    """`DELETE /api/delete`: takes a name away, never a file."""
    name = required(parsed(await call.body(), Named).wanted)
    call.find(name)
    await _names(call).delete(name)
    return Response(status_code=200)


async def blob_exists(call: Call) -> Response:
    """`HEAD /api/blobs/{digest}`: we keep none."""
    return Response(status_code=404)


async def blob_upload(call: Call) -> Response:
    """`POST /api/blobs/{digest}`."""
    raise _not_here("uploading files of models is not supported by this server")


def _names(call: Call) -> ModelNames:
    names = call.desk.info.names
    if names is None:
        raise _not_here("names of models cannot be changed at this server")
    return names


def _nobody_downloads(name: str, asked: Named) -> Streamed:
    """Ends at once, so that no client waits for a download that nobody does."""
    missing = ModelNotFound(name, [])
    if not asked.streams:
        raise missing
    text = f"model '{name}' not found, and no server behind this gateway can download it"
    return Streamed(NDJSON, _told([{"status": _PRESENT[0]}, {"error": text}]))


async def _told(lines: list[dict[str, str]]) -> AsyncGenerator[bytes, None]:
    for line in lines:
        yield msgspec.json.encode(line) + b"\n"


def _not_here(reason: str) -> BadRequest:
    return BadRequest(reason, status=501, code="not_implemented")
