"""The client's end of a WebSocket, in memory, for conversations without a server."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import msgpack

from llama_runner_pro.api.ws.socket import Gone


class FakeSocket:
    """Satisfies `api.ws.socket.Socket`. `stuck` makes it a client that takes nothing more."""

    def __init__(self) -> None:
        self.sent: list[bytes | str] = []
        self.closed: tuple[int, str] | None = None
        self.aborted = False
        self._inbox: asyncio.Queue[bytes | str | None] = asyncio.Queue()
        self._taking = asyncio.Event()
        self._taking.set()

    async def send(self, message: bytes | str) -> None:
        await self._taking.wait()
        self.sent.append(message)

    async def receive(self) -> bytes | str:
        message = await self._inbox.get()
        if message is None:
            raise Gone
        return message

    async def close(self, code: int, reason: str) -> None:
        await self._taking.wait()
        self.closed = (code, reason)

    def abort(self) -> None:
        self.aborted = True

    # --- the client's side -----------------------------------------------------------------------

    def stuck(self) -> None:
        """Take nothing more from now on."""
        self._taking.clear()

    def unstuck(self) -> None:
        """Take everything again."""
        self._taking.set()

    def say(self, frame: dict[str, Any]) -> None:
        """Send a frame, in msgpack."""
        self._inbox.put_nowait(msgpack.packb(frame))

    def say_raw(self, message: bytes | str) -> None:
        """Send anything."""
        self._inbox.put_nowait(message)

    def go(self) -> None:
        """Leave without a word."""
        self._inbox.put_nowait(None)

    def frames(self) -> list[dict[str, Any]]:
        """What has arrived since the last call, decoded."""
        arrived = [
            json.loads(message)
            if isinstance(message, str)
            else msgpack.unpackb(message, strict_map_key=False)
            for message in self.sent
        ]
        self.sent.clear()
        return arrived

    def kinds(self) -> list[str]:
        """The types of the frames that have arrived since the last call."""
        return [frame["type"] for frame in self.frames()]
