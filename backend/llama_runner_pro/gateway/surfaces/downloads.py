"""Downloads are done by servers that can: LM Studio's own API, and what follows a download."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

from msgspec.structs import replace

from llama_runner_pro.gateway.dispatch import Dispatch
from llama_runner_pro.gateway.surfaces.answers import Streamed, passed
from llama_runner_pro.gateway.surfaces.call import JSON_LINES, accepted

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from llama_runner_pro.gateway.surfaces.call import Call

NATIVE_KIND = "lmstudio"


async def by_lm_studio(call: Call, model: str, body: bytes | None) -> Streamed | None:
    """The same request to a real LM Studio (without a body: a question); None without one."""
    endpoint = next(iter(call.desk.table.hosts(NATIVE_KIND)), None)
    if endpoint is None:
        return None
    sent = Dispatch("GET", call.path)
    if body is not None:
        sent = Dispatch("POST", call.path, JSON_LINES, body)
    ask = call.ask(model, "other", endpoint=endpoint)
    told = passed(await accepted(await call.travel(ask, lambda _: sent)))
    return replace(told, pieces=looked_after(call, endpoint, told.pieces))


async def looked_after(
    call: Call, endpoint: str, pieces: AsyncGenerator[bytes, None]
) -> AsyncGenerator[bytes, None]:
    """The same pieces; once they have ended, the server is asked what it has now."""
    try:
        async with aclosing(pieces):
            async for piece in pieces:
                yield piece
    finally:
        call.desk.table.look_again(endpoint)
