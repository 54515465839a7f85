"""What handlers answer: whole answers, and streams that are translated or passed on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import field
from starlette.responses import Response

from llama_runner_pro.core.errors import UpstreamBroken
from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.gateway.sse import SseSplitter

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping

    from llama_runner_pro.gateway.journey import Reply

NDJSON = "application/x-ndjson"
SSE = "text/event-stream"
_PASSED_ON = ("content-type", "content-disposition", "retry-after", "cache-control")


class Streamed(ValueObject, frozen=True):
    """An answer in pieces. Its head goes out with the first piece, so that an error before it
    still gets its own status.
    """

    media_type: str
    pieces: AsyncGenerator[bytes, None]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def json_answer(body: Any, status: int = 200) -> Response:
    """An answer in JSON; `bytes` are JSON already."""
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return Response(content, status, media_type="application/json")


def passed(reply: Reply) -> Streamed:
    """The server's own answer, byte for byte."""
    headers = {name: reply.headers[name] for name in _PASSED_ON if name in reply.headers}
    media_type = headers.pop("content-type", "application/octet-stream")
    return Streamed(media_type, _pieces_of(reply), reply.status, headers)


async def _pieces_of(reply: Reply) -> AsyncGenerator[bytes, None]:
    try:
        async for piece in reply:
            yield piece
    finally:
        await reply.aclose()


async def translated(
    reply: Reply, feed: Callable[[bytes], bytes], end: Callable[[], bytes]
) -> AsyncGenerator[bytes, None]:
    """The server's events, each turned into others by `feed`, and what `end` says after the last.

    A server that answers whole where a stream was asked for is taken as a stream of one event.
    """
    try:
        if not is_stream(reply):
            yield feed(await reply.read()) + end()
            return
        splitter = SseSplitter()
        async for piece in reply:
            made = b"".join([feed(event.data) for event in splitter.feed(piece)])
            if made:
                yield made
        if splitter.rest.strip():
            raise UpstreamBroken("the model server's answer ends within an event")
        yield end()
    finally:
        await reply.aclose()


def is_stream(reply: Reply) -> bool:
    """The server answers with events."""
    return reply.headers.get("content-type", "").startswith(SSE)
