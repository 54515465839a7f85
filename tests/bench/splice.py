"""The least that a gateway in Python costs: reads requests and answers, and passes their bytes on.

    python -m tests.bench.splice PORT UPSTREAM_PORT

No choice, no check, no record: what the gateway costs beyond this is the gateway's own.
"""

from __future__ import annotations

import asyncio
import sys
from typing import cast

import httptools
import uvloop


class _Server(asyncio.Protocol):
    """A connection to the server behind."""

    def __init__(self) -> None:
        self.parser = httptools.HttpResponseParser(self)
        self.client: _Client | None = None
        self.data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if self.client is not None:
            self.client.transport.write(data)
        self.parser.feed_data(data)

    def on_message_complete(self) -> None:
        if self.client is not None:
            self.client.idle.append(self)
            self.client = None


class _Client(asyncio.Protocol):
    """A connection of a client."""

    def __init__(self, port: int, idle: list[_Server]) -> None:
        self.port, self.idle = port, idle
        self.parser = httptools.HttpRequestParser(self)
        self.request = b""
        self.tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self.request += data
        self.parser.feed_data(data)

    def on_message_complete(self) -> None:
        request, self.request = self.request, b""
        if self.idle:
            self.send(self.idle.pop(), request)
        else:
            task = asyncio.get_running_loop().create_task(self.dial(request))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    async def dial(self, request: bytes) -> None:
        loop = asyncio.get_running_loop()
        _, server = await loop.create_connection(_Server, "127.0.0.1", self.port)
        self.send(server, request)

    def send(self, server: _Server, request: bytes) -> None:
        server.client = self
        server.transport.write(request)


async def main(port: int, upstream: int) -> None:
    loop = asyncio.get_running_loop()
    idle: list[_Server] = []
    server = await loop.create_server(
        lambda: _Client(upstream, idle), "127.0.0.1", port, backlog=2048
    )
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), int(sys.argv[2])))
