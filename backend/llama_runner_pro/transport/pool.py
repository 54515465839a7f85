"""Idle connections kept for the next request to the same origin."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from llama_runner_pro.transport.origin import Origin

MAX_IDLE_PER_ORIGIN = 2


class Reusable(Protocol):
    """What a connection must tell to be kept."""

    @property
    def reusable(self) -> bool:
        """Open, idle, and the peer agreed to keep it so."""
        ...

    def close(self) -> None:
        """Drop it at once."""
        ...


C = TypeVar("C", bound=Reusable)


class Pool(Generic[C]):
    """Hands out connections and takes them back; never more than so many idle ones per origin."""

    def __init__(
        self, connection: Callable[[], C], *, idle_per_origin: int = MAX_IDLE_PER_ORIGIN
    ) -> None:
        self._connection = connection
        self._idle_per_origin = idle_per_origin
        self._idle: dict[Origin, list[C]] = {}
        self._tls: ssl.SSLContext | None = None
        self._closed = False

    def take_idle(self, origin: Origin) -> C | None:
        """The most recently used idle connection that is still open, or None."""
        waiting = self._idle.get(origin)
        while waiting:
            connection = waiting.pop()
            if connection.reusable:
                return connection
            connection.close()
        return None

    async def dial(self, origin: Origin) -> C:
        """Open a new connection. Raises `OSError`; cancelling leaves nothing behind."""
        loop = asyncio.get_running_loop()
        tls = await self._tls_context() if origin.scheme == "https" else None
        _, connection = await loop.create_connection(
            self._connection,  # type: ignore[type-var]  # asyncio's protocols have no own type
            origin.host,
            origin.port,
            ssl=tls,
        )
        return connection

    def give_back(self, origin: Origin, connection: C) -> None:
        """Keep the connection for later when it can be used again, otherwise close it."""
        waiting = self._idle.setdefault(origin, [])
        if self._closed or not connection.reusable or len(waiting) >= self._idle_per_origin:
            connection.close()
        else:
            waiting.append(connection)

    def __len__(self) -> int:
        """How many are kept."""
        return sum(map(len, self._idle.values()))

    def drop(self, unfit: Callable[[C], bool]) -> None:
        """Close the idle connections for which `unfit` is true, and those the peer has closed."""
        for origin, waiting in list(self._idle.items()):
            kept = []
            for connection in waiting:
                if connection.reusable and not unfit(connection):
                    kept.append(connection)
                else:
                    connection.close()
            if kept:
                self._idle[origin] = kept
            else:
                del self._idle[origin]

    def close(self) -> None:
        """Close all idle connections, and from now on each one that comes back."""
        self._closed = True
        self.drop(lambda _: True)

    async def _tls_context(self) -> ssl.SSLContext:
        if self._tls is None:
            # Reads the system's certificates from disk: slow, and rarely needed on loopback.
            self._tls = await asyncio.to_thread(ssl.create_default_context)
        return self._tls
