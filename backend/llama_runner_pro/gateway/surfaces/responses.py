"""OpenAI's Responses API for servers that do not speak it."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

from llama_runner_pro.core.errors import ClientGone, GatewayError
from llama_runner_pro.gateway.dialects import failure_of, fault_of
from llama_runner_pro.gateway.routes import ROUTES
from llama_runner_pro.gateway.surfaces.answers import SSE, Streamed, translated
from llama_runner_pro.gateway.surfaces.call import post_json, refuse_lacking
from llama_runner_pro.gateway.surfaces.ollama_talk import native
from llama_runner_pro.gateway.surfaces.talk import Talk
from llama_runner_pro.gateway.translate.responses_answer import ResponseEvents
from llama_runner_pro.gateway.translate.responses_request import parse_response, response_request

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.responses import Response

    from llama_runner_pro.gateway.dispatch import Dispatch
    from llama_runner_pro.gateway.journey import Reply
    from llama_runner_pro.gateway.ports import Upstream
    from llama_runner_pro.gateway.surfaces.call import Call

_PATH = "/v1/responses"
_NATIVE = ROUTES[(b"POST", _PATH.encode())].kinds or frozenset()


async def respond(call: Call) -> Response | Streamed:
    """`POST /v1/responses`, translated where the server's family does not speak it."""
    body = await call.body()
    asked = parse_response(body)
    view = call.meant(asked.model)
    response_request(asked, asked.model)
    refuse_lacking(view, asked.model, tools=bool(asked.tools))

    def dispatch(upstream: Upstream) -> Dispatch:
        if upstream.kind in _NATIVE:
            return native(_PATH, body, upstream.model)
        return post_json("/v1/chat/completions", response_request(asked, upstream.model))

    ask = call.ask(asked.model, "response", stream=bool(asked.stream))
    events = ResponseEvents(asked, call.meter, call.desk.info.clock.wall_ms() // 1000)
    return await Talk(
        call=call,
        view=view,
        ask=ask,
        dispatch=dispatch,
        native=lambda upstream: upstream.kind in _NATIVE,
        media_type=SSE,
        translate=lambda reply: _told(reply, events),
        whole=events.whole,
    ).answer()


async def _told(reply: Reply, events: ResponseEvents) -> AsyncGenerator[bytes, None]:
    """The answer's events. What breaks off after the first one is told as an event, too."""
    begun = False
    try:
        async with aclosing(translated(reply, events.feed, events.end)) as made:
            async for piece in made:
                begun = True
                yield piece
    except ClientGone:
        raise
    except GatewayError as error:
        if not begun:
            raise
        yield events.failed(failure_of("openai", fault_of(error)))
