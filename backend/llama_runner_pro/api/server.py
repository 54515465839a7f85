"""The HTTP server's settings, in one place for the sidecar and for tests."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State

from llama_runner_pro.api.ws.socket import ABORT_EXTENSION

if TYPE_CHECKING:
    import socket
    from collections.abc import Awaitable, Callable, Iterator

    from starlette.types import ASGIApp
    from uvicorn._types import ASGISendEvent
    from websockets.http11 import Request

WS_MESSAGE_LIMIT_BYTES = 64 * 1024
"""The transport's own limit; sessions say goodbye properly well before it."""
PING_S = 20.0
SHUTDOWN_S = 3
OPEN_FILES = 16_384
"""As many as a thousand viewers and everything else need, with room to spare."""


class AbortableProtocol(WebSocketsSansIOProtocol):
    """Lets a session cut its connection. A plain close waits for the peer to read everything that
    was written before, and a peer that never reads would keep socket and buffer for ever.
    """

    def handle_connect(self, event: Request) -> None:
        """Add the extension to the scope; the application's task has not run yet."""
        super().handle_connect(event)
        scope = getattr(self, "scope", None)
        if scope is not None:
            extensions: dict[str, Any] = scope["extensions"]
            extensions[ABORT_EXTENSION] = {"call": self.transport.abort}

    async def send(self, message: ASGISendEvent) -> None:
        """A frame of bytes goes out as it is, which with a thousand viewers costs a third less
        than by uvicorn's way; RFC 6455, 5.2.

        A handshake that we refuse with an answer of our own is complete with that answer; uvicorn
        would report it as an application that returned too early.
        """
        content = message.get("bytes") if message["type"] == "websocket.send" else None
        if content is not None and self._takes_frames():
            self.transport.write(_frame_head(len(content)) + content)
            return
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body"):
            self.handshake_complete = True

    def _takes_frames(self) -> bool:
        """The connection is open and its buffer not full; otherwise uvicorn knows what to do."""
        over = self.disconnected or self.close_sent or not self.handshake_complete
        return not over and self.writable.is_set() and self.conn.state is State.OPEN

    def keepalive_timeout(self) -> None:
        """A peer that does not answer pings will not read our goodbye either."""
        super().keepalive_timeout()
        self.transport.abort()


def _frame_head(length: int) -> bytes:
    """Of a whole binary message, unmasked as a server's are."""
    if length < 126:
        return bytes((0x82, length))
    if length < 65_536:
        return b"\x82\x7e" + length.to_bytes(2, "big")
    return b"\x82\x7f" + length.to_bytes(8, "big")


class PatientProtocol(HttpToolsProtocol):
    """Closes a connection that does not bring its whole request head in time.

    uvicorn waits for ever, and each such connection holds a file that a viewer could use.
    """

    head_within_s = 10.0
    """Time for the head of a request, or a handshake, to arrive."""
    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait."""
        super().connection_made(transport)
        self._expect()

    def on_message_begin(self) -> None:
        """Another request on the same connection."""
        super().on_message_begin()
        self._expect()

    def on_headers_complete(self) -> None:
        """The head is here; what follows has deadlines of its own."""
        self._forget()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing comes any more."""
        self._forget()
        super().connection_lost(exc)

    def _expect(self) -> None:
        self._forget()
        self._late = self.loop.call_later(self.head_within_s, self.transport.abort)

    def _forget(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


class SidecarServer(uvicorn.Server):
    """uvicorn with our own way to stop: goodbyes first, no signal raised again, no polling."""

    def __init__(
        self,
        config: uvicorn.Config,
        farewell: Callable[[], Awaitable[None]],
        started: Callable[[], None] = lambda: None,
    ) -> None:
        """`started` is called once requests are answered."""
        super().__init__(config)
        self._farewell, self._started = farewell, started
        self._leave = asyncio.Event()

    def stop(self) -> None:
        """Ask the server to end; asking twice skips the wait for open connections."""
        self.force_exit = self.should_exit
        self.should_exit = True
        self._leave.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the sidecar's business."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen. The headers of every answer are set here: uvicorn's own loop would do that."""
        self.server_state.default_headers = list(self.config.encoded_headers)
        await super().startup(sockets)
        if not self.should_exit:
            self._started()

    async def main_loop(self) -> None:
        """Wait for the end. uvicorn's own loop wakes ten times a second for a date header."""
        await self._leave.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Say goodbye to viewers, then end connections within uvicorn's own deadline."""
        await self._farewell()
        await super().shutdown(sockets)


def server_config(app: ASGIApp, **more: Any) -> uvicorn.Config:
    """Settings of the one server; `more` says where to listen and goes to uvicorn as it is."""
    settings: dict[str, Any] = {
        "http": PatientProtocol,
        "ws": AbortableProtocol,
        "ws_max_size": WS_MESSAGE_LIMIT_BYTES,
        "ws_ping_interval": PING_S,
        "ws_ping_timeout": PING_S,
        "ws_per_message_deflate": False,
        "lifespan": "off",
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "timeout_graceful_shutdown": SHUTDOWN_S,
        "proxy_headers": False,
    }
    return uvicorn.Config(app, **{**settings, **more})


def allow_many_connections() -> int:
    """Raise our limit of open files as far as we may and need; returns what it is then.

    Many systems allow 1 024, and every viewer is one. What we start inherits it.
    """
    if sys.platform == "win32":
        return OPEN_FILES
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return soft
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    except (ValueError, OSError):
        # macOS has a lower limit of its own that it does not tell.
        return soft
    return wanted


def stop_on_signals(stop: Callable[[], None]) -> None:
    """Have SIGINT and SIGTERM call `stop` in the running event loop, and the end of our terminal
    (SIGHUP), unless `nohup` has us outlive it.
    """
    loop = asyncio.get_running_loop()
    numbers = [signal.SIGINT, signal.SIGTERM]
    if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    for number in numbers:
        try:
            loop.add_signal_handler(number, stop)
        except NotImplementedError:
            # Windows: the loop only hears of it when something else wakes it up.
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
