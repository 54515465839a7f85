"""A model server on a real socket whose every byte a test decides."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Script = Callable[["Exchange"], Awaitable[None]]

SSE_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
)


@dataclass
class Exchange:
    """One request as it arrived, and the connection to answer on."""

    start: str
    headers: dict[str, str]
    body: bytes
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    connection: int

    async def send(self, data: bytes) -> None:
        """Write these bytes."""
        self.writer.write(data)
        await self.writer.drain()

    async def chunk(self, data: bytes) -> None:
        """Write one chunk of a chunked body."""
        await self.send(b"%x\r\n%b\r\n" % (len(data), data))

    async def json(self, body: bytes, status: bytes = b"200 OK", more: bytes = b"") -> None:
        """A whole answer."""
        length = b"Content-Length: %d\r\n" % len(body)
        head = b"HTTP/1.1 " + status + b"\r\nContent-Type: application/json\r\n" + length + more
        await self.send(head + b"\r\n" + body)

    async def events(self, *events: bytes) -> None:
        """A whole stream of events."""
        await self.send(SSE_HEAD)
        for event in events:
            await self.chunk(b"data: " + event + b"\n\n")
        await self.send(b"0\r\n\r\n")

    def reset(self) -> None:
        """Hang up at once, losing what is under way."""
        self.writer.transport.abort()

    async def until_gone(self) -> None:
        """Wait until the other side has hung up."""
        await self.reader.read()


@dataclass
class RawUpstream:
    """Runs the script for each request; `requests` are those that arrived completely."""

    script: Script
    port: int = 0
    reads_bodies: bool = True
    requests: list[Exchange] = field(default_factory=list)
    connections: int = 0
    tasks: list[asyncio.Future[None]] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    """A client has hung up."""
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    """A request has."""

    def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.connections += 1
        self.tasks.append(asyncio.ensure_future(self._talk(reader, writer)))

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = self.connections
        try:
            while (
                exchange := await read_request(reader, writer, number, with_body=self.reads_bodies)
            ) is not None:
                self.requests.append(exchange)
                self.arrived.set()
                await self.script(exchange)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.gone.set()
            writer.transport.abort()

    async def close(self) -> None:
        """End all connections."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


async def read_request(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    number: int,
    *,
    with_body: bool = True,
) -> Exchange | None:
    """The next request; None at the end of the connection."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    start, *lines = head.decode("latin-1").split("\r\n")
    headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            headers[name.lower()] = value.strip()
    length = int(headers.get("content-length", "0")) if with_body else 0
    body = await reader.readexactly(length)
    return Exchange(start, headers, body, reader, writer, number)


@asynccontextmanager
async def raw_upstream(script: Script) -> AsyncIterator[RawUpstream]:
    """Serve on a free loopback port."""
    upstream = RawUpstream(script)
    server = await asyncio.start_server(upstream.serve, "127.0.0.1", 0, limit=2**20)
    upstream.port = server.sockets[0].getsockname()[1]
    try:
        yield upstream
    finally:
        server.close()
        await upstream.close()
