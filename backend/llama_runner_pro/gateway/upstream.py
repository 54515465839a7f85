"""Kept-alive connections to model servers, enough of them for many requests at once."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from llama_runner_pro.core.deadline import Deadline
from llama_runner_pro.core.errors import ConnectRefused, DeadlineExceeded, UpstreamBroken
from llama_runner_pro.gateway.headers import server_lines
from llama_runner_pro.gateway.upstream_connection import UpstreamConnection
from llama_runner_pro.transport.pool import Pool

if TYPE_CHECKING:
    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.gateway.patience import Patience
    from llama_runner_pro.gateway.ports import Upstream
    from llama_runner_pro.transport.origin import Origin

IDLE_PER_ORIGIN = 256
IDLE_S = 55.0
"""Shorter than the minute after which many servers close on their own."""


class Upstreams:
    """The pool of all model servers. Use from the event loop only."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pool = Pool(UpstreamConnection, idle_per_origin=IDLE_PER_ORIGIN)
        self._patience: Patience | None = None
        self.take_idle = self._pool.take_idle
        """A connection to an origin that can be used at once, or None: then `dial`."""
        self._lines: dict[str, tuple[Upstream, bytes]] = {}

    def common_lines(self, upstream: Upstream) -> bytes:
        """The header lines of every request to it; made once for each `Upstream`.

        Raises `UpstreamBroken` for a configured header that cannot be sent.
        """
        known = self._lines.get(upstream.endpoint)
        if known is None or known[0] is not upstream:
            try:
                lines = server_lines(upstream.origin, upstream.headers)
            except ValueError as error:
                raise UpstreamBroken(f"{upstream.endpoint}: {error}") from error
            known = self._lines[upstream.endpoint] = (upstream, lines)
        return known[1]

    async def dial(self, origin: Origin, deadline_s: float) -> UpstreamConnection:
        """Open a connection. Raises `ConnectRefused`, `DeadlineExceeded`.

        Cancelling leaves nothing behind.
        """
        try:
            async with Deadline(self._clock, deadline_s):
                return await self._pool.dial(origin)
        except TimeoutError as error:
            reason = f"no connection to {origin} within {deadline_s:g} s"
            raise DeadlineExceeded(reason) from error
        except ssl.SSLError as error:
            raise ConnectRefused(f"no secure connection to {origin} ({error.reason})") from error
        except OSError as error:
            raise ConnectRefused(f"nothing answers at {origin}") from error

    def give_back(self, origin: Origin, connection: UpstreamConnection, now_s: float) -> None:
        """Keep it for the next request, or close it when it cannot be used again."""
        connection.idle_since_s = now_s
        self._pool.give_back(origin, connection)
        if self._patience is not None:
            self._patience.add(self)

    def looked_at_by(self, patience: Patience) -> None:
        """Have `look` called from now on while there are idle connections."""
        self._patience = patience

    def look(self, now_s: float) -> None:
        """Close what nobody has used for a while."""
        self._pool.drop(lambda connection: now_s - connection.idle_since_s > IDLE_S)
        if self._patience is not None and not len(self._pool):
            self._patience.discard(self)

    def close(self) -> None:
        """Close all idle connections; the others close when their requests end."""
        self._pool.close()
