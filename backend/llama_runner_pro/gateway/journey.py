"""One request's way to a model server and back, for surfaces that read or translate the answer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.endpoints.traffic import Operation, RequestRecord, RequestSink, Surface
    from llama_runner_pro.gateway.body import Spooled
    from llama_runner_pro.gateway.ports import Admission, Ask, Upstream
    from llama_runner_pro.gateway.upstream import Upstreams


@dataclass(frozen=True, slots=True)
class Dispatch:
    """What is sent to a model server. Host, length and secret headers are added on the way."""

    method: str
    path: str
    """Below the server's base path, query included: `/v1/chat/completions`."""
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes | Spooled = b""


class Gone(asyncio.Event):
    """Set when the client went away. `scope["state"]["gone"]` of every request at a door is one,
    and is set by the door; nobody needs to wait for `http.disconnect`.
    """


def gone_of(scope: Mapping[str, object]) -> Gone:
    """The event that the door put into an ASGI scope; a new one outside a door."""
    raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What is known of the client's request."""

    surface: Surface
    operation: Operation
    path: str
    """As the client sent it, without query."""
    client: str | None = None
    """Its User-Agent."""
    key: str | None = None
    """Name of its API key."""
    stream: bool = False
    bytes_in: int = 0
    gone: Gone = field(default_factory=Gone)


class Reply:
    """An answer whose head has arrived. Read it to its end, or `aclose` it."""

    status: int
    headers: dict[str, str]
    """Lower-case names; repeated ones joined by commas."""
    upstream: Upstream
    queue_ms: float
    load_ms: float

    @property
    def tap(self) -> RequestRecord:
        """What is known by now; final once the body has ended."""
        raise NotImplementedError

    async def read(self, limit_bytes: int = 64_000_000) -> bytes:
        """The rest of the body. Raises `UpstreamBroken` (also beyond the limit), `UpstreamTimeout`.

        Cancelling ends the request at the server.
        """
        raise NotImplementedError

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Pieces of the body as they arrive; the server is slowed down to the reader's pace.

        Raises `UpstreamBroken` and `UpstreamTimeout` when it breaks off. Ends early, without an
        error, when `Visit.gone` is set.
        """
        raise NotImplementedError

    async def aclose(self) -> None:
        """Give the rest up: the server is made to stop. Without effect after the end."""
        raise NotImplementedError


class Journeys:
    """Sends requests on their way. Use from the event loop only."""

    def __init__(
        self, admission: Admission, upstreams: Upstreams, sink: RequestSink, clock: Clock
    ) -> None: ...

    async def travel(
        self, ask: Ask, dispatch: Callable[[Upstream], Dispatch], visit: Visit
    ) -> Reply:
        """Have it admitted, send it, and return once the answer's head is there, whatever its
        status. Fails over to another server once, before the first byte.

        `dispatch` is called for each server that is tried. Raises `GatewayError`s: what
        `Admission` raises, `UpstreamBroken`, `UpstreamTimeout`. Cancelling it, or `visit.gone`
        (raises `ClientGone`), leaves the queue, or makes the server stop. Every outcome is
        recorded.
        """
        raise NotImplementedError
