"""The head of a request while it arrives, and what is wrong with it (RFC 9112)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import httptools

from llama_runner_pro.core.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_HEAD_BYTES = 65_536
_MEANT_FOR_US = frozenset({b"host", b"transfer-encoding", b"expect"})
_CONNECTION = frozenset({b"connection", b"upgrade", b"http2-settings"})


class Door(Protocol):
    """What takes the rest of a request."""

    def on_headers_complete(self) -> None:
        """The head is complete."""
        ...

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        ...

    def on_message_complete(self) -> None:
        """The request is complete."""
        ...


class DoorHead:
    """One after the other, for one connection. The parser talks to it."""

    def __init__(self, door: Door) -> None:
        # The parser calls these; one step less for each of them.
        self.on_headers_complete = door.on_headers_complete
        self.on_body = door.on_body
        self.on_message_complete = door.on_message_complete
        self.open = True
        """A head is being read, or the next one is awaited."""
        self.begun = False
        """A request has begun and was not read completely."""
        self.upgrading = False
        self._raw_bytes = 0
        self.on_message_begin()
        self.begun = False

    def on_message_begin(self) -> None:
        """A new request."""
        self.begun = True
        self.raw_url = b""
        self.headers: list[tuple[bytes, bytes]] = []
        self.expects_continue = False
        self.fault: BadRequest | None = None
        self._bytes = self._raw_bytes = 0
        self._has_host = False

    def new_parser(self) -> httptools.HttpRequestParser:
        """A parser that talks to this."""
        parser = httptools.HttpRequestParser(self)
        # As uvicorn does: what follows a request that closes the connection is no error.
        parser.set_dangerous_leniencies(lenient_data_after_close=True)
        return parser

    def received(self, count_bytes: int) -> None:
        """So much has come while a head is open; the parser may hold it back."""
        self._raw_bytes += count_bytes

    @property
    def runs_on(self) -> bool:
        """More has come than a head may have, and it still has no end."""
        return self.open and self._raw_bytes > LONGEST_HEAD_BYTES

    def on_url(self, part: bytes) -> None:
        """A part of the target."""
        self.raw_url += part
        self._bytes += len(part)

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header line."""
        name = name.lower()
        if name in _MEANT_FOR_US:
            self._take_note(name, value)
        self.headers.append((name, value))
        self._bytes += len(name) + len(value) + 4
        if self._bytes > LONGEST_HEAD_BYTES:
            self.fault = too_long()

    def _take_note(self, name: bytes, value: bytes) -> None:
        if name == b"host":
            if self._has_host:
                self.fault = BadRequest("the request has two Host headers", code="bad_http")
            self._has_host = True
        elif name == b"transfer-encoding":
            if value.strip().lower() != b"chunked":
                reason = "only chunked transfer encoding is understood"
                self.fault = BadRequest(reason, status=501, code="bad_http")
        elif value.lower() == b"100-continue":
            self.expects_continue = True

    def target(self) -> tuple[bytes, bytes]:
        """Path and query, as they were sent. Sets `fault` when the target makes no sense."""
        path, _, query = self.raw_url.partition(b"?")
        if path.startswith(b"/"):
            return path, query
        try:
            parsed = httptools.parse_url(self.raw_url)
        except httptools.HttpParserError:
            if self.fault is None:
                self.fault = BadRequest("the request's target makes no sense", code="bad_http")
            return b"/", b""
        return parsed.path or b"/", parsed.query or b""

    def is_preflight(self) -> bool:
        """Of an OPTIONS request: a browser asks whether a page may send the real one."""
        return any(name == b"access-control-request-method" for name, _ in self.headers)

    def upgrades(self, parser: httptools.HttpRequestParser, method: bytes) -> bool:
        """The client wants to go on in another protocol; the parser does not read the body then."""
        if parser.should_upgrade():
            if method == b"CONNECT":
                self.fault = BadRequest("this is no proxy", status=405, code="method_not_allowed")
            else:
                self.upgrading = True
        return self.upgrading

    def without_upgrade(self, method: bytes) -> bytes:
        """The head again, as one that asks for no other protocol; we speak none."""
        self.upgrading = False
        lines = [b"%b: %b\r\n" % pair for pair in _kept(self.headers)]
        return b"".join([method, b" ", self.raw_url, b" HTTP/1.1\r\n", *lines, b"\r\n"])


def _kept(headers: list[tuple[bytes, bytes]]) -> Iterable[tuple[bytes, bytes]]:
    return (pair for pair in headers if pair[0] not in _CONNECTION)


def too_long() -> BadRequest:
    """The error for a head beyond the limit."""
    reason = f"the request's head is larger than {LONGEST_HEAD_BYTES} bytes"
    return BadRequest(reason, status=431, code="head_too_large")
