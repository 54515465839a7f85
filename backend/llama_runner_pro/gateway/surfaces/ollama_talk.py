"""Ollama's API: chats, completions and vectors."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from llama_runner_pro.core.errors import BadRequest
from llama_runner_pro.gateway.dialects import Refusal
from llama_runner_pro.gateway.dispatch import Dispatch
from llama_runner_pro.gateway.envelope import edited, read_envelope
from llama_runner_pro.gateway.routes import Route
from llama_runner_pro.gateway.surfaces.answers import NDJSON, Streamed, json_answer, translated
from llama_runner_pro.gateway.surfaces.call import JSON_LINES, accepted, post_json, refuse_lacking
from llama_runner_pro.gateway.surfaces.talk import Talk
from llama_runner_pro.gateway.translate.embeddings import unit, vectors_of
from llama_runner_pro.gateway.translate.instants import rfc3339
from llama_runner_pro.gateway.translate.meter import Meter
from llama_runner_pro.gateway.translate.ollama_answer import ChatLines, GenerateLines
from llama_runner_pro.gateway.translate.ollama_options import keep_alive_s
from llama_runner_pro.gateway.translate.ollama_request import (
    chat_request,
    embed_request,
    generate_request,
    shortened,
)
from llama_runner_pro.gateway.translate.ollama_shapes import (
    ChatAsked,
    EmbedAsked,
    EmbeddingsAsked,
    GenerateAsked,
    parsed,
    required,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.endpoints.traffic import Operation
    from llama_runner_pro.gateway.ports import Meant, ModelTable, Upstream
    from llama_runner_pro.gateway.surfaces.call import Call
    from llama_runner_pro.gateway.translate.ollama_answer import Lines
    from llama_runner_pro.gateway.translate.ollama_shapes import Asked

    ToOpenAI = Callable[[str, str], tuple[str, dict[str, Any]]]

NATIVE_KIND = "ollama"
_CUTS_MAX = 2
"""Times that too long a text is cut; each try is a refusal in the list of requests."""


async def chat(call: Call) -> Response | Streamed:
    """`POST /api/chat`; without messages it loads or unloads the model."""
    asked = parsed(await call.body(), ChatAsked)
    view = call.meant(required(asked.model))
    if not asked.messages:
        return await _load_or_unload(call, asked, {"message": {"role": "assistant", "content": ""}})
    if view.operation == "embedding":
        raise BadRequest(f'"{asked.model}" does not support chat')
    refuse_lacking(view, asked.model, tools=bool(asked.tools), thinking=bool(asked.think))
    lines = ChatLines(asked.model, call.meter, call.desk.info.clock.wall_ms)
    return await _converse(
        call,
        asked,
        "chat",
        view,
        lambda model, kind: ("/v1/chat/completions", chat_request(asked, model, kind)),
        lines,
    )


class ChatSpeech:
    """A chat that is answered whole. Satisfies `speech.Speech`."""

    def __init__(self, asked: ChatAsked, clock: Clock) -> None:
        """Raises `BadRequest` for a time that makes no sense."""
        self._asked = asked
        self.keep_alive_s = keep_alive_s(asked.keep_alive)
        self._lines = ChatLines(asked.model, Meter(clock), clock.wall_ms)

    def request(self, upstream: Upstream) -> bytes:
        """As `speech.Speech`."""
        return msgspec.json.encode(chat_request(self._asked, upstream.model, upstream.kind))

    def whole(self, payload: bytes) -> bytes:
        """As `speech.Speech`."""
        return self._lines.whole(payload)


class ChatInterpreter:
    """Understands usual chats. Satisfies `speech.Interpreter`."""

    def __init__(self, table: ModelTable, clock: Clock) -> None:
        self.route = Route("ollama", "chat", "/v1/chat/completions")
        self._table, self._clock = table, clock

    def speech(self, body: bytes) -> ChatSpeech | None:
        """As `speech.Interpreter`: whatever else `chat` has to do is left to it."""
        try:
            asked = parsed(body, ChatAsked)
            if asked.streams or not asked.messages or self._table.recipe(asked.model) is not None:
                return None
            view = self._table.meant(asked.model)
            if view is None or view.kind == NATIVE_KIND or view.operation == "embedding":
                return None
            if view.lacks and (asked.tools or asked.think):
                return None
            return ChatSpeech(asked, self._clock)
        except BadRequest:
            return None


async def generate(call: Call) -> Response | Streamed:
    """`POST /api/generate`; without anything to go on from it loads or unloads the model."""
    asked = parsed(await call.body(), GenerateAsked)
    view = call.meant(required(asked.model))
    if not (asked.prompt or asked.suffix or asked.images):
        return await _load_or_unload(call, asked, {"response": ""})
    if view.operation == "embedding":
        raise BadRequest(f'"{asked.model}" does not support generate')
    refuse_lacking(view, asked.model, thinking=bool(asked.think))
    lines = GenerateLines(asked.model, call.meter, call.desk.info.clock.wall_ms)
    operation: Operation = "infill" if asked.suffix else "completion"
    return await _converse(
        call,
        asked,
        operation,
        view,
        lambda model, kind: generate_request(asked, model, kind),
        lines,
    )


async def embed(call: Call) -> Response | Streamed:
    """`POST /api/embed`: vectors of length 1."""
    asked = parsed(await call.body(), EmbedAsked)
    call.meant(required(asked.model))
    if not asked.input:
        return json_answer({"model": asked.model, "embeddings": []})
    vectors, tokens = await _vectors(call, asked)
    measured = call.meter.measured()
    counted = {
        "total_duration": int(measured.total_ms * 1e6),
        "load_duration": int(measured.load_ms * 1e6),
        "prompt_eval_count": tokens,
    }
    length = asked.dimensions if asked.dimensions and asked.dimensions > 0 else None
    body = {"model": asked.model, "embeddings": [unit(one[:length]) for one in vectors]}
    return json_answer({**body, **{name: value for name, value in counted.items() if value}})


async def embeddings(call: Call) -> Response | Streamed:
    """`POST /api/embeddings`, the older one: one vector, as the model made it."""
    asked = parsed(await call.body(), EmbeddingsAsked)
    call.meant(required(asked.model))
    if not asked.prompt:
        return json_answer({"embedding": []})
    wanted = EmbedAsked(model=asked.model, input=asked.prompt, keep_alive=asked.keep_alive)
    vectors, _ = await _vectors(call, wanted)
    return json_answer({"embedding": vectors[0] if vectors else []})


async def _converse(
    call: Call,
    asked: Asked,
    operation: Operation,
    view: Meant,
    to_openai: ToOpenAI,
    lines: Lines,
) -> Response | Streamed:
    body = await call.body()
    kind = view.kind  # the family that will probably answer
    # A request that cannot be translated is refused before anything is loaded for it.
    path, made = to_openai(asked.model, kind)

    def dispatch(upstream: Upstream) -> Dispatch:
        if upstream.kind == NATIVE_KIND:
            return native(call.path, body, upstream.model)
        if upstream.kind != kind:
            return post_json(*to_openai(upstream.model, upstream.kind))
        return post_json(path, {**made, "model": upstream.model} if "model" in made else made)

    ask = call.ask(
        asked.model,
        operation,
        stream=asked.streams,
        keep_alive_s=keep_alive_s(asked.keep_alive),
    )
    return await Talk(
        call=call,
        view=view,
        ask=ask,
        dispatch=dispatch,
        native=lambda upstream: upstream.kind == NATIVE_KIND,
        media_type=NDJSON,
        translate=lambda reply: translated(reply, lines.feed, lines.end),
        whole=lines.whole,
        say=lambda progress: lines.waiting(progress.text),
    ).answer()


def native(path: str, body: bytes, model: str) -> Dispatch:
    """The same request, for a server that speaks the same API and may know another name."""
    changes = {} if read_envelope(body).model == model else {"model": msgspec.json.encode(model)}
    return Dispatch("POST", path, JSON_LINES, edited(body, changes))


async def _vectors(call: Call, asked: EmbedAsked) -> tuple[list[list[float]], int | None]:
    """Texts that are too long are cut and tried again, as Ollama does."""
    ask = call.ask(asked.model, "embedding", keep_alive_s=keep_alive_s(asked.keep_alive))
    for _ in range(_CUTS_MAX):
        reply = await call.travel(ask, partial(_embedding, asked))
        try:
            return vectors_of(await (await accepted(reply)).read())
        except Refusal as refusal:
            shorter = shortened(asked, refusal.fault.message)
            if shorter is None or call.intake.is_large:
                raise
            asked = shorter
    reply = await call.travel(ask, partial(_embedding, asked))
    return vectors_of(await (await accepted(reply)).read())


def _embedding(asked: EmbedAsked, upstream: Upstream) -> Dispatch:
    return post_json("/v1/embeddings", embed_request(asked, upstream.model, upstream.kind))


async def _load_or_unload(call: Call, asked: Asked, nothing: dict[str, Any]) -> Response:
    """One object, not a stream: clients' buttons for loading and unloading depend on that."""
    keep_s = keep_alive_s(asked.keep_alive)
    if keep_s == 0:
        await call.unless_gone(lambda: call.desk.table.unload(asked.model))
        reason = "unload"
    else:
        await call.unless_gone(
            lambda: call.desk.table.load(
                asked.model, keep_alive_s=keep_s, priority=call.visitor.priority
            )
        )
        reason = "load"
    return json_answer(
        {
            "model": asked.model,
            "created_at": rfc3339(call.desk.info.clock.wall_ms()),
            **nothing,
            "done": True,
            "done_reason": reason,
        }
    )
