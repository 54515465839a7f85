"""One connection to a model server whose answers are handed on piece by piece (RFC 9112)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

import httptools

from llama_runner_pro.gateway.headers import answer_start, lines_for_client
from llama_runner_pro.gateway.known_head import known_head

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from llama_runner_pro.endpoints.traffic import Ending
    from llama_runner_pro.gateway.known_head import KnownHead

LONGEST_HEAD_BYTES = 65_536
_BODILESS = frozenset({204, 304})
STREAMS = (b"text/event-stream", b"application/x-ndjson")
"""What answers are that come piece by piece."""


class Head(NamedTuple):
    """The beginning of an answer."""

    status: int
    headers: list[tuple[bytes, bytes]]
    """Lower-case names, in the order they came."""
    length_bytes: int | None = None
    """Of the body, as announced; None when it is not."""
    kind: bytes = b""
    """Its content type."""
    lines: bytes = b""
    """The headers that go on to a client, as lines."""
    start: bytes = b""
    """All that a client gets before the length of the body. Only of plain good answers: others
    need a closer look.
    """


class Breakdown(NamedTuple):
    """Why an answer did not come to its end."""

    ending: Ending
    reason: str


class Listener(Protocol):
    """Receives an answer; everything that came in one read is one call."""

    def heard(self, head: Head | None, body: bytes, done: bool, /) -> None:
        """The head when it has just come, a piece of the body, and whether that was the end."""
        ...

    def broke(self, breakdown: Breakdown, /) -> None:
        """There will be no more. Nothing else follows."""
        ...


class UpstreamConnection(asyncio.Protocol):
    """Sends one request at a time and hands its answer to a listener."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._listener: Listener | None = None
        self._keep_alive = False
        self._sent = True
        self._writable: asyncio.Event | None = None
        self._usual: tuple[KnownHead, Head] | None = None
        """How the last answer that came whole began."""
        self._reset()
        self.served = 0
        """Exchanges that this connection has completed."""
        self.idle_since_s = 0.0
        """When it was last given back; set by the pool's owner."""

    @property
    def reusable(self) -> bool:
        """Open, idle, and the server agreed to keep it so."""
        transport = self._transport
        return self._keep_alive and transport is not None and not transport.is_closing()

    def send(self, listener: Listener, request: bytes, *, whole: bool = True) -> None:
        """Write a request; its answer goes to `listener`.

        With `whole=False` more of it comes through `write_rest`, and the connection is not used
        again when the answer ends before that.
        """
        transport = self._transport
        if transport is None or transport.is_closing():
            asyncio.get_running_loop().call_soon(self.connection_lost, None)
        else:
            # First of all: nothing of the answer is told before this returns.
            transport.write(request)
        self._reset()
        self._listener = listener
        self._sent = whole

    def hand_over(self, listener: Listener, other: Listener) -> None:
        """What is still to come for `listener` goes to `other`. Without effect after its end."""
        if self._listener is listener:
            self._listener = other

    async def write(self, piece: bytes) -> None:
        """More of the request; returns when the server can take the next piece."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        transport.write(piece)
        if self._writable is not None:
            await self._writable.wait()

    async def write_rest(self, pieces: AsyncIterator[bytes]) -> None:
        """The rest of the request, unless it breaks or the server answers without reading it."""
        async for piece in pieces:
            if self._listener is None:
                return
            await self.write(piece)
        self._sent = True

    def pause(self) -> None:
        """Read no more for now. Without effect on a closed connection."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read on."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def close(self) -> None:
        """Drop the connection at once, and tell nobody; a server stops generating then."""
        self._keep_alive = False
        self._listener = None
        if self._transport is not None:
            self._transport.abort()
        if self._writable is not None:
            self._writable.set()

    def _reset(self) -> None:
        self._head_bytes = 0
        self._heard_any = False
        self._headers: list[tuple[bytes, bytes]] = []
        self._head: Head | None = None
        self._answered = False
        self._framed = False
        self._pieces: list[bytes] = []
        self._done = False
        self._keep_alive = False

    # --- called by asyncio ---------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is open."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Bytes of the answer; bytes that nobody asked for end the connection."""
        listener = self._listener
        if listener is None:
            self.close()
            return
        if self._usual is not None and not self._heard_any and self._as_usual(listener, data):
            return
        first, self._heard_any = not self._heard_any, True
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._break("garbled", "the server switched to another protocol")
            return
        except httptools.HttpParserError as error:
            if not self._done:
                self._tell(listener)
                self._break("garbled", f"the server's answer is not HTTP ({error})")
                return
            self._keep_alive = False
        if not self._answered:
            self._head_bytes += len(data)
            if self._head_bytes > LONGEST_HEAD_BYTES:
                self._break("garbled", "the head of the server's answer is too large")
                return
        if first and self._keep_alive and self._head is not None:
            self._learn(data, self._head)
        self._tell(listener)

    def _as_usual(self, listener: Listener, data: bytes) -> bool:
        """Take an answer that needs no parsing. False when it is not whole, or another one."""
        assert self._usual is not None
        known, head = self._usual
        body = known.body_of(data)
        if body is None:
            return False
        self._listener = None
        self._done = True
        self._keep_alive = self._sent
        self.served += 1
        listener.heard(head, body, True)
        return True

    def _learn(self, data: bytes, head: Head) -> None:
        """The parser has taken these bytes for one whole answer."""
        known = known_head(data)
        self._usual = None if known is None else (known, head)

    def _tell(self, listener: Listener) -> None:
        head, pieces = self._head, self._pieces
        if head is None and not pieces and not self._done:
            return
        self._head, self._pieces = None, []
        if self._done:
            self._listener = None
            self.served += 1
        if len(pieces) == 1:
            listener.heard(head, pieces[0], self._done)
        else:
            listener.heard(head, b"".join(pieces), self._done)

    def connection_lost(self, error: Exception | None) -> None:
        """The server went away: that ends an answer without length, and breaks any other."""
        self._keep_alive = False
        if self._writable is not None:
            self._writable.set()
        listener = self._listener
        if listener is None:
            return
        if self._answered and not self._framed and error is None:
            self._done = True
            self._tell(listener)
        elif self._heard_any:
            self._break("cut_off", "the server hung up in the middle of its answer")
        else:
            self._break("connect_failed", "the server hung up before it answered")

    def pause_writing(self) -> None:
        """The server takes the request slowly."""
        self._writable = asyncio.Event()

    def resume_writing(self) -> None:
        """It has caught up."""
        if self._writable is not None:
            self._writable.set()
            self._writable = None

    # --- called by the parser ------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """A head starts: the first one, the real one after an informational one, or too many."""
        self._headers = []
        if self._done or self._listener is None:
            self._keep_alive = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header line."""
        if not self._done:
            self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """The head is complete; a body may follow."""
        status = self._parser.get_status_code()
        if status < 200 or self._done:
            return
        self._answered = True
        self._framed = status in _BODILESS
        length_bytes, kind = None, b""
        for name, value in self._headers:
            if name == b"content-length":
                length_bytes, self._framed = int(value), True
            elif name == b"transfer-encoding":
                self._framed = True
            elif name == b"content-type":
                kind = value
        lines = lines_for_client(self._headers)
        plain = status == 200 and length_bytes is not None and not kind.startswith(STREAMS)
        start = answer_start(status, lines) if plain else b""
        self._head = Head(status, self._headers, length_bytes, kind, lines, start)

    def on_body(self, piece: bytes) -> None:
        """A piece of the body."""
        if not self._done:
            self._pieces.append(piece)

    def on_message_complete(self) -> None:
        """The end of an answer that says where it ends."""
        if self._answered and not self._done:
            self._done = True
            self._keep_alive = self._framed and self._sent and self._parser.should_keep_alive()

    def _break(self, ending: Ending, reason: str) -> None:
        listener = self._listener
        self.close()
        if listener is not None:
            listener.broke(Breakdown(ending, reason))
