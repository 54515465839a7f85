"""Idle connections kept for the next request to the same origin."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING

from llama_runner_pro.transport.connection import Connection

if TYPE_CHECKING:
    from llama_runner_pro.transport.origin import Origin

MAX_IDLE_PER_ORIGIN = 2


class Pool:
    """Hands out connections and takes them back; never more than two idle ones per origin."""

    def __init__(self) -> None:
        self._idle: dict[Origin, list[Connection]] = {}
        self._tls: ssl.SSLContext | None = None
        self._closed = False

    def take_idle(self, origin: Origin) -> Connection | None:
        """The most recently used idle connection that is still open, or None."""
        waiting = self._idle.get(origin, [])
        while waiting:
            connection = waiting.pop()
            if connection.reusable:
                return connection
            connection.close()
        return None

    async def dial(self, origin: Origin) -> Connection:
        """Open a new connection. Raises `OSError`; cancelling leaves nothing behind."""
        loop = asyncio.get_running_loop()
        tls = await self._tls_context() if origin.scheme == "https" else None
        _, connection = await loop.create_connection(Connection, origin.host, origin.port, ssl=tls)
        return connection

    def give_back(self, origin: Origin, connection: Connection) -> None:
        """Keep the connection for later when it can be used again, otherwise close it."""
        waiting = self._idle.setdefault(origin, [])
        if self._closed or not connection.reusable or len(waiting) >= MAX_IDLE_PER_ORIGIN:
            connection.close()
        else:
            waiting.append(connection)

    def close(self) -> None:
        """Close all idle connections, and from now on each one that comes back."""
        self._closed = True
        for waiting in self._idle.values():
            for connection in waiting:
                connection.close()
        self._idle.clear()

    async def _tls_context(self) -> ssl.SSLContext:
        if self._tls is None:
            # Reads the system's certificates from disk: slow, and rarely needed on loopback.
            self._tls = await asyncio.to_thread(ssl.create_default_context)
        return self._tls
