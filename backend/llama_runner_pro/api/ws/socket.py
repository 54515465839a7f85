"""A WebSocket as the sessions need it, over Starlette's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from starlette.websockets import WebSocketDisconnect, WebSocketState

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.websockets import WebSocket

    from llama_runner_pro.api.codec import Wire

ABORT_EXTENSION = "llama_runner_pro.abort"
"""Key of the ASGI extension by which our server cuts a connection at once."""


REASON_LIMIT_BYTES = 123
"""Of a close frame, by RFC 6455."""


class Gone(Exception):
    """The peer is not there any more."""


class Socket(Protocol):
    """One accepted WebSocket."""

    async def send(self, message: Wire) -> None:
        """Waits while the peer does not take what was sent before. Raises Gone.

        Cancelling before the message is handed over leaves the stream intact.
        """
        ...

    async def receive(self) -> Wire:
        """The next message; raises Gone. Cancelling loses nothing."""
        ...

    async def close(self, code: int, reason: str) -> None:
        """Closing handshake; a peer that is gone already is no error."""
        ...

    def abort(self) -> None:
        """Drop the connection without asking the peer."""
        ...


def shortened(reason: str) -> str:
    """As much of it as a close frame holds."""
    return reason.encode()[:REASON_LIMIT_BYTES].decode(errors="ignore")


class AsgiSocket:
    """`Socket` over an accepted Starlette WebSocket."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket
        extensions = websocket.scope.get("extensions", {})
        self._abort: Callable[[], None] | None = extensions.get(ABORT_EXTENSION, {}).get("call")

    async def send(self, message: Wire) -> None:
        """See `Socket`."""
        try:
            if isinstance(message, str):
                await self._websocket.send_text(message)
            else:
                await self._websocket.send_bytes(message)
        except (WebSocketDisconnect, RuntimeError, OSError) as error:
            raise Gone from error

    async def receive(self) -> Wire:
        """See `Socket`."""
        try:
            message = await self._websocket.receive()
        except RuntimeError as error:
            raise Gone from error
        if message["type"] == "websocket.disconnect":
            raise Gone
        text: str | None = message.get("text")
        return text if text is not None else bytes(message["bytes"])

    async def close(self, code: int, reason: str) -> None:
        """See `Socket`."""
        if self._websocket.application_state is not WebSocketState.CONNECTED:
            return
        try:
            await self._websocket.close(code, shortened(reason))
        except (WebSocketDisconnect, RuntimeError, OSError):
            return

    def abort(self) -> None:
        """See `Socket`; without our server's extension the connection ends with the handler."""
        if self._abort is not None:
            self._abort()
