"""The far end of a connection: in memory, or a real socket that plays a script."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

HANG_UP = None
"""Answer of a script that closes the connection instead of sending anything."""


class FakeTransport(asyncio.Transport):
    """Keeps what is written to it; closing it is only noted."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = True


class ScriptedServer:
    """Answers each request with the bytes that `script(connection, request)` returns.

    `connection` counts the connections from 1 and `request` the requests on that connection.
    After an answer that says `connection: close`, or `HANG_UP`, the connection is closed.
    """

    def __init__(self, script: Callable[[int, int], bytes | None]) -> None:
        self._script = script
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []
        self.requests: list[bytes] = []
        self.connections = 0
        self.connected = asyncio.Event()
        """Set with the first connection."""
        self.asked = asyncio.Event()
        """Set with the first request."""
        self.url = ""

    async def start(self) -> None:
        """Listen on a free loopback port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"

    async def stop(self) -> None:
        """Stop listening and hang up on everybody."""
        if self._server is not None:
            self._server.close()
        await self.hang_up()
        if self._server is not None:
            await self._server.wait_closed()

    async def hang_up(self) -> None:
        """Close all open connections."""
        writers, self._writers = self._writers, []
        for writer in writers:
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.connected.set()
        connection, count = self.connections, 0
        self._writers.append(writer)
        try:
            while True:
                self.requests.append(await self._read_request(reader))
                self.asked.set()
                count += 1
                answer = self._script(connection, count)
                if answer is not None:
                    writer.write(answer)
                    await writer.drain()
                if answer is None or b"connection: close" in answer.lower():
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    async def _read_request(self, reader: asyncio.StreamReader) -> bytes:
        head = await reader.readuntil(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        return head + await reader.readexactly(length)
