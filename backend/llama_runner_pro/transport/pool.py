"""Idle connections kept for the next request to the same origin."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import ssl
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from llama_runner_pro.core.own_thread import in_own_thread

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
        self,
        connection: Callable[[], C],
        *,
        idle_per_origin: int = MAX_IDLE_PER_ORIGIN,
        resolve: Callable[[str], list[str]] | None = None,
    ) -> None:
        """`resolve` gives the addresses of a name; blocks, and raises `OSError`."""
        self._connection, self._resolve = connection, resolve or addresses_of
        self._asked: dict[str, asyncio.Future[list[str]]] = {}
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
        addresses = [origin.host] if _is_address(origin.host) else await self._found(origin.host)
        for address in addresses[:-1]:
            with contextlib.suppress(OSError):
                return await self._dial(origin, address)
        return await self._dial(origin, addresses[-1])

    async def _dial(self, origin: Origin, address: str) -> C:
        tls = await self._tls_context() if origin.scheme == "https" else None
        _, connection = await asyncio.get_running_loop().create_connection(
            self._connection,  # type: ignore[type-var]  # asyncio's protocols have no own type
            address,
            origin.port,
            ssl=tls,
            server_hostname=origin.host if tls else None,
        )
        return connection

    async def _found(self, name: str) -> list[str]:
        """The addresses of a name, asked for once at a time.

        Not in the loop's shared pool, as asyncio would: a name server that does not answer would
        take up all of its threads, and everything else that needs one would wait.
        """
        asking = self._asked.get(name)
        if asking is None:
            asking = self._asked[name] = in_own_thread("resolve", self._resolve, name)
            asking.add_done_callback(lambda _: self._asked.pop(name))
        return await asyncio.shield(asking)

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


def addresses_of(name: str) -> list[str]:
    """What the system knows of a name, at least one. Blocks; raises `OSError`."""
    found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
