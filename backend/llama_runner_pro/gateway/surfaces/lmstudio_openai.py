"""LM Studio's API, version 0: lists with states, and OpenAI's answers with statistics."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from llama_runner_pro.gateway.dispatch import Dispatch
from llama_runner_pro.gateway.envelope import read_envelope
from llama_runner_pro.gateway.routes import ROUTES
from llama_runner_pro.gateway.surfaces.answers import SSE, Streamed, json_answer, translated
from llama_runner_pro.gateway.surfaces.call import JSON_LINES, json_object
from llama_runner_pro.gateway.surfaces.talk import Talk
from llama_runner_pro.gateway.translate.chunks import decode_chunk
from llama_runner_pro.gateway.translate.lmstudio_models import model_info, v0_item
from llama_runner_pro.gateway.translate.lmstudio_stats import StatsChunks, stats, with_fields
from llama_runner_pro.gateway.translate.ollama_options import keep_alive_s
from llama_runner_pro.gateway.waiting_text import waiting_event

if TYPE_CHECKING:
    from starlette.responses import Response

    from llama_runner_pro.endpoints.traffic import ModelView, Operation
    from llama_runner_pro.gateway.ports import Upstream
    from llama_runner_pro.gateway.surfaces.call import Call

NATIVE_KIND = "lmstudio"
_OWN_FIELDS = ("ttl", "draft_model")


async def models(call: Call) -> Response:
    """`GET /api/v0/models`."""
    return json_answer({"object": "list", "data": [v0_item(view) for view in call.models()]})


async def model(call: Call) -> Response:
    """`GET /api/v0/models/{id}`."""
    return json_answer(v0_item(call.find(call.param("model"))))


async def _answer(call: Call, *, path: str, operation: Operation) -> Response | Streamed:
    """An OpenAI request whose answer gets LM Studio's statistics."""
    body = await call.body()
    envelope = read_envelope(body)
    view = call.find(envelope.model or "")
    fields = json_object(body)
    streams = bool(envelope.stream)

    def dispatch(upstream: Upstream) -> Dispatch:
        made = {**fields, "model": upstream.model}
        if upstream.kind == NATIVE_KIND:
            return Dispatch("POST", "/api/v0" + path, JSON_LINES, msgspec.json.encode(made))
        for name in _OWN_FIELDS:
            made.pop(name, None)
        if streams:
            made["stream_options"] = {"include_usage": True}
        return Dispatch("POST", "/v1" + path, JSON_LINES, msgspec.json.encode(made))

    ask = call.ask(
        envelope.model or "", operation, stream=streams, keep_alive_s=_ttl(fields.get("ttl"))
    )
    extra = partial(_extra, call, view)
    chunks = StatsChunks(call.meter, extra, with_usage=envelope.wants_usage)
    route, wall_ms = ROUTES[(b"POST", b"/v1" + path.encode())], call.desk.info.clock.wall_ms

    def whole(payload: bytes) -> bytes:
        chunk = decode_chunk(payload)
        call.meter.told(chunk)
        reason = chunk.choices[0].finish_reason if chunk.choices else None
        return with_fields(payload, extra(reason))

    return await Talk(
        call=call,
        view=view,
        ask=ask,
        dispatch=dispatch,
        native=lambda upstream: upstream.kind == NATIVE_KIND or operation == "embedding",
        media_type=SSE,
        translate=lambda reply: translated(reply, chunks.feed, chunks.end),
        whole=whole,
        say=lambda progress: waiting_event(route, view.name, progress, wall_ms()),
    ).answer()


chat = partial(_answer, path="/chat/completions", operation="chat")
completions = partial(_answer, path="/completions", operation="completion")
embeddings = partial(_answer, path="/embeddings", operation="embedding")


def _extra(call: Call, view: ModelView, finish_reason: str | None) -> dict[str, Any]:
    return {
        "stats": stats(call.meter.measured(), finish_reason),
        "model_info": model_info(view),
        "runtime": {
            "name": view.kind,
            "version": call.desk.info.version,
            "supported_formats": ["gguf"],
        },
    }


def _ttl(told: object) -> float | None:
    if isinstance(told, bool) or not isinstance(told, int | float | str):
        return None
    return keep_alive_s(told)
