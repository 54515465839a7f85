"""One HTTP/1.1 connection to a model server, one exchange at a time (RFC 9112)."""

from __future__ import annotations

import asyncio
from typing import cast

import httptools

from llama_runner_pro.core.errors import ProtocolBroken
from llama_runner_pro.core.value_object import ValueObject

MAX_HEAD_BYTES = 65_536
_FRAMED_BYTES = 16
"""What one byte of a body may take, in a chunk of its own with its length and line ends."""
_BODILESS_STATUSES = frozenset({204, 304})


class ConnectionLost(ConnectionError):
    """The peer closed or reset the connection before the first byte of an answer."""


class Answer(ValueObject, frozen=True):
    """A complete HTTP answer; header names are lower-case, repeated ones joined by commas."""

    status: int
    headers: dict[str, str]
    body: bytes


class Connection(asyncio.Protocol):
    """Sends one request and collects its answer; reusable while `reusable` is true."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Answer] | None = None
        self._keep_alive = False
        self.served = 0
        """Exchanges that this connection has completed."""

    @property
    def reusable(self) -> bool:
        """Open, idle, and the peer agreed to keep it so."""
        transport = self._transport
        return self._keep_alive and transport is not None and not transport.is_closing()

    async def exchange(self, request: bytes, *, limit_bytes: int, head_only: bool) -> Answer:
        """Send `request` and wait for the whole answer.

        Raises `ConnectionLost` when the peer goes away before its first byte, `ProtocolBroken`
        when the bytes are not HTTP, exceed `limit_bytes` or end early. Cancelling is safe once
        the caller closes the connection, which cannot be used again then.
        """
        if self._transport is None or self._transport.is_closing():
            raise ConnectionLost("the connection was closed")
        self._answer = asyncio.get_running_loop().create_future()
        self._begin(limit_bytes, head_only)
        self._transport.write(request)
        try:
            return await self._answer
        finally:
            self._answer = None

    def close(self) -> None:
        """Drop the connection at once; unsent bytes are lost."""
        self._keep_alive = False
        if self._transport is not None:
            self._transport.abort()

    def _begin(self, limit_bytes: int, head_only: bool) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._limit_bytes = limit_bytes
        self._head_only = head_only
        self._received_bytes = 0
        self._in_body = False
        self._framed = False
        self._status = 0
        self._headers: dict[str, str] = {}
        self._body = bytearray()
        self._keep_alive = False

    # --- called by asyncio ---------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is open."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Bytes of the answer; bytes that nobody asked for end the connection."""
        if self._answer is None or self._answer.done():
            self.close()
            return
        self._received_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._break("the server switched to another protocol")
        except httptools.HttpParserError as error:
            if not self._answer.done():
                self._break(f"the answer is not HTTP ({error})")
            return
        if self._received_bytes > MAX_HEAD_BYTES + _FRAMED_BYTES * len(self._body):
            self._break(f"the answer's headers are larger than {MAX_HEAD_BYTES} bytes")

    def connection_lost(self, error: Exception | None) -> None:
        """The peer went away: that ends an answer without length, and breaks any other."""
        self._keep_alive = False
        if self._answer is None or self._answer.done():
            return
        if self._in_body and not self._framed and error is None:
            self._complete()
        elif self._received_bytes == 0:
            self._answer.set_exception(ConnectionLost("the connection was closed"))
        else:
            self._break("the connection was closed in the middle of the answer")

    # --- called by the parser ------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """A head starts: the first one, or the real one after an informational answer."""
        self._headers = {}
        if self._answer is None or self._answer.done():
            self._keep_alive = False  # a second answer to one request: nothing here is safe

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header line."""
        key = name.decode("latin-1").lower()
        text = value.decode("latin-1").strip()
        known = self._headers.get(key)
        self._headers[key] = text if known is None else f"{known}, {text}"

    def on_headers_complete(self) -> None:
        """The head is complete; a body may follow."""
        self._status = self._parser.get_status_code()
        if self._status < 200:
            return
        self._in_body = True
        self._framed = "content-length" in self._headers or "transfer-encoding" in self._headers
        if self._head_only:
            self._complete()
        elif int(self._headers.get("content-length", "0")) > self._limit_bytes:
            self._too_large()

    def on_body(self, chunk: bytes) -> None:
        """A piece of the body."""
        self._body += chunk
        if len(self._body) > self._limit_bytes:
            self._too_large()

    def on_message_complete(self) -> None:
        """The end of an answer that says where it ends."""
        if self._status >= 200:
            self._complete()

    # --- ends ----------------------------------------------------------------------------------

    def _complete(self) -> None:
        if self._answer is None or self._answer.done():
            return
        framed = self._framed or self._status in _BODILESS_STATUSES
        self._keep_alive = framed and not self._head_only and self._parser.should_keep_alive()
        self.served += 1
        self._answer.set_result(Answer(self._status, self._headers, bytes(self._body)))

    def _too_large(self) -> None:
        self._break(f"the answer is larger than {self._limit_bytes} bytes")

    def _break(self, reason: str) -> None:
        self.close()
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ProtocolBroken(reason))
