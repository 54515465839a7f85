"""Writing an answer to a client: framing, an error at any stage, events taken out or put in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.core.errors import ClientGone
from llama_runner_pro.gateway.dialects import (
    error_answer,
    error_event,
    event_of,
    fault_of_answer,
)
from llama_runner_pro.gateway.gate import EventGate
from llama_runner_pro.gateway.headers import answer_head, lines_for_client

if TYPE_CHECKING:
    import asyncio

    from llama_runner_pro.core.errors import GatewayError
    from llama_runner_pro.endpoints.traffic import Surface
    from llama_runner_pro.gateway.upstream_connection import Head

_CHUNKED = b"transfer-encoding: chunked\r\n"
_LAST_CHUNK = b"0\r\n\r\n"
_BODILESS = frozenset({204, 304})
_REFUSAL_BYTES = 65_536
_WAITING_LINES = b"content-type: text/event-stream\r\ncache-control: no-cache\r\n"


class Answer:
    """One answer on one connection."""

    __slots__ = (
        "_chunked",
        "_gate",
        "_more",
        "_old",
        "_refusal",
        "_surface",
        "_transport",
        "began",
        "close",
        "done",
    )

    def __init__(
        self,
        transport: asyncio.Transport,
        surface: Surface,
        more: tuple[tuple[bytes, bytes], ...],
        *,
        close: bool,
        old: bool,
    ) -> None:
        self._transport = transport
        self._surface = surface
        self._more = more
        """Headers that we add."""
        self._old = old
        """HTTP/1.0: no chunks."""
        self._chunked = False
        self._gate: EventGate | None = None
        self._refusal: tuple[int, bytearray] | None = None
        """Status and body of a server's refusal after we had begun to answer."""
        self.began = False
        self.close = close
        """The connection ends with this answer."""
        self.done = False

    def pass_on(self, head: Head | None, body: bytes, done: bool, *, strip_usage: bool) -> None:
        """A part of a server's answer."""
        start = b""
        if head is not None:
            start = self._head(head, len(body) if done else None, strip_usage=strip_usage)
        if self._refusal is not None:
            status, said = self._refusal
            said += body[: _REFUSAL_BYTES - len(said)]
            fault = fault_of_answer(status, bytes(said))
            body = event_of(self._surface, fault) if done else b""
        elif self._gate is not None:
            body = self._gate.pass_on(body)
            if done:
                body += self._gate.rest()
        self._write(start, body, done)

    def tell(self, event: bytes) -> None:
        """An event of ours before the server has answered; a stream begins with it."""
        start = b""
        if not self.began:
            self._gate = EventGate(strip_usage=False)
            start = self._begin(200, _WAITING_LINES, None)
        self._write(start, event, done=False)

    def fail(self, error: GatewayError) -> None:
        """There is no answer, or no more of it."""
        if self.done:
            return
        if isinstance(error, ClientGone):
            self.close = self.done = True
            self._transport.abort()
        elif not self.began:
            status, headers, body = error_answer(self._surface, error)
            lines = lines_for_client((key.encode(), text.encode()) for key, text in headers.items())
            self._write(self._begin(status, lines, len(body)), body, done=True)
        elif self._gate is not None:
            # A half event that is still held would spoil the one that tells of the error.
            self._write(b"", error_event(self._surface, error), done=True)
        else:
            # Less than was announced: the client sees that it is not whole.
            self.close = self.done = True
            self._transport.close()

    def _head(self, head: Head, whole_bytes: int | None, *, strip_usage: bool) -> bytes:
        status = head.status
        if self.began:
            if status >= 400:
                self._refusal = (status, bytearray())
            elif strip_usage:
                self._gate = EventGate(strip_usage=True)
            return b""
        if head.kind.startswith(b"text/event-stream"):
            self._gate = EventGate(strip_usage=strip_usage)
            whole_bytes = None
        elif whole_bytes is None:
            whole_bytes = head.length_bytes
        return self._begin(status, head.lines, whole_bytes)

    def _begin(self, status: int, lines: bytes, whole_bytes: int | None) -> bytes:
        self.began = True
        framing = b""
        if status in _BODILESS:
            pass
        elif whole_bytes is not None:
            framing = b"content-length: %d\r\n" % whole_bytes
        elif self._old:
            self.close = True
        else:
            self._chunked = True
            framing = _CHUNKED
        return answer_head(status, lines, self._more, framing=framing, close=self.close)

    def _write(self, start: bytes, body: bytes, done: bool) -> None:
        self.done = done
        if not self._chunked:
            text = start + body
        elif body:
            text = b"%b%x\r\n%b\r\n%b" % (start, len(body), body, _LAST_CHUNK if done else b"")
        else:
            text = start + _LAST_CHUNK if done else start
        if text and not self._transport.is_closing():
            self._transport.write(text)
