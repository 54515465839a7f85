"""HTTP requests with one deadline each, over kept-alive connections."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, Any

import msgspec

from llama_runner_pro.core.deadline import Deadline
from llama_runner_pro.core.errors import ConnectRefused, DeadlineExceeded, ProtocolBroken
from llama_runner_pro.core.unreadable import UNREADABLE
from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.transport.connection import Answer, Connection, ConnectionLost
from llama_runner_pro.transport.origin import parse_url
from llama_runner_pro.transport.pool import Pool
from llama_runner_pro.transport.request import encode_request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.transport.origin import Origin

_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS"})


class Response(ValueObject, frozen=True):
    """A complete answer. Header names are lower-case; `elapsed_ms` includes connecting."""

    status: int
    headers: dict[str, str]
    body: bytes
    elapsed_ms: float


class _Exchange(ValueObject, frozen=True):
    method: str
    origin: Origin
    encoded: bytes
    limit_bytes: int


class HttpClient:
    """Asks model servers. Keeps up to two idle connections per origin; never follows redirects."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pool = Pool(Connection)

    async def request(
        self,
        method: str,
        url: str,
        *,
        deadline_s: float,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        limit_bytes: int = 1_000_000,
    ) -> Response:
        """Send one request and return the complete answer, whatever its status.

        `deadline_s` covers everything from connecting to the last byte. A request without side
        effects is sent again, once, when a kept-alive connection turns out to be dead before
        the first byte of an answer; any other request opens a connection of its own.

        Raises `ConnectRefused` (nobody listens, or hung up before answering),
        `DeadlineExceeded`, `ProtocolBroken` (not HTTP, cut off, larger than `limit_bytes`, or
        a certificate that is not trusted) and `ValueError` (the URL or a header cannot be
        sent). Cancelling closes the connection.
        """
        origin, target = parse_url(url)
        encoded = encode_request(method, target, origin.authority, headers or {}, body)
        exchange = _Exchange(method, origin, encoded, limit_bytes)
        started_s = self._clock.monotonic()
        try:
            async with Deadline(self._clock, deadline_s):
                answer = await self._run(exchange)
        except TimeoutError as error:
            raise DeadlineExceeded(
                f"{origin} did not answer completely within {deadline_s:g} s"
            ) from error
        except ConnectionLost as error:
            raise ConnectRefused(f"{origin} hung up before it answered") from error
        except ssl.SSLError as error:
            raise ProtocolBroken(f"no secure connection to {origin} ({_reason(error)})") from error
        except OSError as error:
            raise ConnectRefused(f"nothing answers at {origin} ({_reason(error)})") from error
        elapsed_ms = (self._clock.monotonic() - started_s) * 1000
        return Response(answer.status, answer.headers, answer.body, elapsed_ms)

    async def get_json(
        self,
        url: str,
        *,
        deadline_s: float,
        headers: Mapping[str, str] | None = None,
        limit_bytes: int = 1_000_000,
    ) -> Any:
        """GET a JSON document.

        Raises what `request` raises, and `ProtocolBroken` for a status other than 2xx and for a
        body that is not JSON.
        """
        response = await self.request(
            "GET", url, deadline_s=deadline_s, headers=headers, limit_bytes=limit_bytes
        )
        if not 200 <= response.status < 300:
            raise ProtocolBroken(f"{url} answered with status {response.status}")
        try:
            return msgspec.json.decode(response.body)
        except UNREADABLE as error:
            raise ProtocolBroken(f"{url} did not answer with JSON ({error})") from error

    async def aclose(self) -> None:
        """Close all idle connections; running requests close theirs when they end."""
        self._pool.close()
        await asyncio.sleep(0)

    async def _run(self, exchange: _Exchange) -> Answer:
        if exchange.method in _REPEATABLE:
            idle = self._pool.take_idle(exchange.origin)
            if idle is not None:
                try:
                    return await self._exchange_on(idle, exchange)
                except ConnectionLost:
                    pass  # it died while it was idle: nothing was lost, a new one is dialled
        return await self._exchange_on(await self._pool.dial(exchange.origin), exchange)

    async def _exchange_on(self, connection: Connection, exchange: _Exchange) -> Answer:
        try:
            answer = await connection.exchange(
                exchange.encoded,
                limit_bytes=exchange.limit_bytes,
                head_only=exchange.method == "HEAD",
            )
        except BaseException:
            connection.close()
            raise
        self._pool.give_back(exchange.origin, connection)
        return answer


def _reason(error: OSError) -> str:
    """Short words for a failed connection; the loop's own text repeats the address."""
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    return error.strerror or str(error) or type(error).__name__
