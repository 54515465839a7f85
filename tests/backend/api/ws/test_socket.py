"""A Starlette WebSocket as the sessions see it."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.websockets import WebSocket

from llama_runner_pro.api.ws.socket import ABORT_EXTENSION, AsgiSocket, Gone


class Peer:
    """The server's end, as ASGI messages."""

    def __init__(self, *incoming: dict[str, Any], lost: bool = False) -> None:
        self._incoming = [{"type": "websocket.connect"}, *incoming]
        self._lost = lost
        self.sent: list[dict[str, Any]] = []
        self.aborts = 0

    async def socket(self) -> AsgiSocket:
        """An accepted connection."""
        extensions = {ABORT_EXTENSION: {"call": self._abort}}
        scope = {"type": "websocket", "headers": [], "extensions": extensions}
        websocket = WebSocket(scope, self._receive, self._send)
        await websocket.accept()
        self.sent.clear()
        return AsgiSocket(websocket)

    def _abort(self) -> None:
        self.aborts += 1

    async def _receive(self) -> dict[str, Any]:
        return self._incoming.pop(0)

    async def _send(self, message: Any) -> None:
        if self._lost and message["type"] != "websocket.accept":
            raise OSError("connection lost")
        self.sent.append(message)


async def test_text_and_bytes_go_out_as_what_they_are() -> None:
    peer = Peer()
    socket = await peer.socket()
    await socket.send("a")
    await socket.send(b"b")
    assert [message.get("text") or message.get("bytes") for message in peer.sent] == ["a", b"b"]


async def test_text_and_bytes_come_in_as_what_they_are() -> None:
    socket = await Peer(
        {"type": "websocket.receive", "text": "a"},
        {"type": "websocket.receive", "bytes": b"b"},
        {"type": "websocket.receive", "text": None, "bytes": b"c"},
        {"type": "websocket.receive", "text": ""},
    ).socket()
    assert [await socket.receive() for _ in range(4)] == ["a", b"b", b"c", ""]


async def test_a_peer_that_left_is_gone_for_good() -> None:
    socket = await Peer({"type": "websocket.disconnect", "code": 1001}).socket()
    for _ in range(2):
        with pytest.raises(Gone):
            await socket.receive()


async def test_sending_to_nobody_is_gone() -> None:
    socket = await Peer(lost=True).socket()
    with pytest.raises(Gone):
        await socket.send("a")
    await socket.close(1000, "")


async def test_closing_twice_is_no_error() -> None:
    peer = Peer()
    socket = await peer.socket()
    await socket.close(1001, "ü" * 500)
    await socket.close(1001, "again")
    (message,) = peer.sent
    assert (message["type"], message["code"]) == ("websocket.close", 1001)
    assert len(message["reason"].encode()) <= 123
    with pytest.raises(Gone):
        await socket.send("a")


async def test_a_connection_is_cut_when_the_server_knows_how() -> None:
    peer = Peer()
    (await peer.socket()).abort()
    assert peer.aborts == 1
    AsgiSocket(WebSocket({"type": "websocket"}, peer._receive, peer._send)).abort()
    assert peer.aborts == 1
