"""OpenAI's chats and completions, where they are not simply relayed: those of derived models."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from llama_runner_pro.gateway.envelope import read_envelope
from llama_runner_pro.gateway.routes import ROUTES
from llama_runner_pro.gateway.surfaces.answers import SSE, Streamed, passed
from llama_runner_pro.gateway.surfaces.ollama_talk import native
from llama_runner_pro.gateway.surfaces.talk import Talk
from llama_runner_pro.gateway.waiting_text import waiting_event

if TYPE_CHECKING:
    from starlette.responses import Response

    from llama_runner_pro.gateway.surfaces.call import Call


async def talk(call: Call) -> Response | Streamed:
    """`POST /v1/chat/completions` and `/v1/completions`; every server understands them."""
    body = await call.body()
    envelope = read_envelope(body)
    name, path = envelope.model or "", call.path
    view = call.meant(name)
    route, wall_ms = ROUTES[(b"POST", path.encode())], call.desk.info.clock.wall_ms
    return await Talk(
        call=call,
        view=view,
        ask=call.ask(name, route.operation, stream=bool(envelope.stream)),
        dispatch=lambda upstream: native(path, body, upstream.model),
        native=lambda _: True,
        media_type=SSE,
        translate=lambda reply: passed(reply).pieces,
        whole=partial(bytes),
        say=lambda progress: waiting_event(route, name, progress, wall_ms()),
    ).answer()
