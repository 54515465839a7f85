"""Anthropic's Messages API for servers that do not speak it, and its counting of tokens."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from llama_runner_pro.core.errors import BadRequest, UpstreamBroken
from llama_runner_pro.core.unreadable import UNREADABLE
from llama_runner_pro.gateway.routes import ROUTES
from llama_runner_pro.gateway.surfaces.answers import (
    SSE,
    Streamed,
    is_stream,
    json_answer,
    passed,
    translated,
)
from llama_runner_pro.gateway.surfaces.call import accepted, post_json, refuse_lacking
from llama_runner_pro.gateway.surfaces.ollama_talk import native
from llama_runner_pro.gateway.surfaces.talk import Talk
from llama_runner_pro.gateway.translate.anthropic_answer import (
    MessageEvents,
    lacks_start,
    start_events,
    whole_message,
)
from llama_runner_pro.gateway.translate.anthropic_request import (
    messages_request,
    openai_turns,
    parse_messages,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.responses import Response

    from llama_runner_pro.gateway.dispatch import Dispatch
    from llama_runner_pro.gateway.journey import Reply
    from llama_runner_pro.gateway.ports import Upstream
    from llama_runner_pro.gateway.surfaces.call import Call

_MESSAGES, _COUNT = "/v1/messages", "/v1/messages/count_tokens"
_MENDED = frozenset({"llamacpp", "embedded"})
"""Speak it, but their streams may lack `message_start`."""
_NATIVE = (ROUTES[(b"POST", _MESSAGES.encode())].kinds or frozenset()) | _MENDED
_COUNTING = ROUTES[(b"POST", _COUNT.encode())].kinds or frozenset()


class _Count(msgspec.Struct):
    count: int


async def messages(call: Call) -> Response | Streamed:
    """`POST /v1/messages`, translated where the server's family does not speak it."""
    body = await call.body()
    asked = parse_messages(body)
    view = call.meant(asked.model)
    messages_request(asked, asked.model, "")
    # Thoughts are asked for by programs whatever the model; Ollama leaves them out here as well.
    refuse_lacking(view, asked.model, tools=bool(asked.tools))

    def is_native(upstream: Upstream) -> bool:
        knows = call.desk.table.speaks_messages(upstream.endpoint)
        return knows and upstream.kind in _NATIVE

    def dispatch(upstream: Upstream) -> Dispatch:
        if is_native(upstream):
            return native(_MESSAGES, body, upstream.model)
        return post_json(
            "/v1/chat/completions", messages_request(asked, upstream.model, upstream.kind)
        )

    ask = call.ask(asked.model, "messages", stream=asked.stream)
    events = MessageEvents(asked.model, call.meter)
    return await Talk(
        call=call,
        view=view,
        ask=ask,
        dispatch=dispatch,
        native=is_native,
        media_type=SSE,
        translate=lambda reply: translated(reply, events.feed, events.end),
        whole=lambda body: whole_message(body, asked.model, call.meter),
        pass_on=lambda reply: _passed(reply, asked.model),
    ).answer()


def _passed(reply: Reply, model: str) -> Streamed:
    told = passed(reply)
    if reply.upstream.kind not in _MENDED or not is_stream(reply):
        return told
    return replace(told, pieces=begun(told.pieces, model))


async def begun(pieces: AsyncGenerator[bytes, None], model: str) -> AsyncGenerator[bytes, None]:
    """The same stream, with a `message_start` before it if it has none.

    llama.cpp (`server-task.cpp`) tells it with the first token alone, and says nothing of a token
    that is only a part of a character.
    """
    held = b""
    async with aclosing(pieces):
        async for piece in pieces:
            held += piece
            missing = lacks_start(held)
            if missing is None:
                continue
            yield (start_events(model, None) if missing else b"") + held
            held = b""
            break
        async for piece in pieces:
            yield piece
    if held:
        yield held


async def count_tokens(call: Call) -> Response | Streamed:
    """`POST /v1/messages/count_tokens`, where the server's family can count.

    Raises `BadRequest` (501) where nobody can: a guess would be taken for the truth.
    """
    body = await call.body()
    asked = parse_messages(body)
    view = call.meant(asked.model)
    counts = view.kind in _COUNTING and call.desk.table.speaks_messages(view.endpoint)
    if not counts and view.kind != "vllm":
        raise BadRequest(
            f"the server of the model {asked.model!r} cannot count tokens",
            status=501,
            code="not_implemented",
        )

    def dispatch(upstream: Upstream) -> Dispatch:
        if upstream.kind in _COUNTING:
            return native(_COUNT, body, upstream.model)
        # vLLM's own address for it, outside /v1.
        turns = openai_turns(asked)
        return post_json("/tokenize", {"model": upstream.model, "messages": turns})

    reply = await accepted(await call.travel(call.ask(asked.model, "count_tokens"), dispatch))
    if reply.upstream.kind in _COUNTING:
        return passed(reply)
    try:
        counted = msgspec.json.decode(await reply.read(), type=_Count)
    except UNREADABLE as error:
        raise UpstreamBroken("the model server's count makes no sense") from error
    return json_answer({"input_tokens": counted.count})
