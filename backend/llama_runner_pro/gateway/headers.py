"""Which headers cross the gateway, and how heads are written (RFC 9110, RFC 9112)."""

from __future__ import annotations

import http
from typing import TYPE_CHECKING

from llama_runner_pro.transport.request import check_header

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from llama_runner_pro.transport.origin import Origin

    RawHeaders = Iterable[tuple[bytes, bytes]]

_HOP_BY_HOP = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
        b"http2-settings",
        b"content-length",
    }
)
_NOT_FOR_SERVERS = _HOP_BY_HOP | {
    b"host",
    b"expect",
    # Compressed answers could neither be measured nor have an event put at their end.
    b"accept-encoding",
    # These are the client's dealings with us; a server's own key comes from its configuration.
    b"authorization",
    b"x-api-key",
    b"cookie",
    b"origin",
    b"referer",
    b"forwarded",
    b"x-forwarded-for",
    b"x-forwarded-host",
    b"x-forwarded-proto",
}
_NOT_FOR_CLIENTS = _HOP_BY_HOP | {
    # Who may read our answers is decided at our door.
    b"access-control-allow-origin",
    b"access-control-allow-methods",
    b"access-control-allow-headers",
    b"access-control-allow-credentials",
    b"access-control-expose-headers",
    b"access-control-max-age",
    b"set-cookie",
    b"alt-svc",
    b"strict-transport-security",
}
_STATUS_LINES = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode()
    for status in http.HTTPStatus
}


def server_lines(origin: Origin, headers: Mapping[str, str]) -> bytes:
    """The header lines that every request to one server has in common.

    Raises `ValueError` for a configured header that would break the message.
    """
    for name, value in headers.items():
        check_header(name, value)
    own = {"host": origin.authority, "accept-encoding": "identity"}
    own |= {name.lower(): value for name, value in headers.items()}
    return "".join(f"{name}: {value}\r\n" for name, value in own.items()).encode("utf-8")


def lines_for_server(headers: RawHeaders) -> bytes:
    """What of a client's headers, with lower-case names, goes on to a server, as lines."""
    return b"".join([b"%b: %b\r\n" % pair for pair in headers if pair[0] not in _NOT_FOR_SERVERS])


def lines_for_client(headers: RawHeaders) -> bytes:
    """What of a server's headers, with lower-case names, goes on to a client, as lines."""
    return b"".join([b"%b: %b\r\n" % pair for pair in headers if pair[0] not in _NOT_FOR_CLIENTS])


def request_head(method: str, path: str, common: bytes, lines: bytes, length_bytes: int) -> bytes:
    """The head of a request to a server. `common` and `lines` are whole header lines."""
    start = f"{method} {path} HTTP/1.1\r\n".encode("latin-1")
    if method == "GET":
        return b"%b%b%b\r\n" % (start, common, lines)
    return b"%b%b%bcontent-length: %d\r\n\r\n" % (start, common, lines, length_bytes)


def request_start(path: str, common: bytes, lines: bytes) -> bytes:
    """The head of POST requests to a server, as far as the digits of their length."""
    return b"%b%b%bcontent-length: " % (
        f"POST {path} HTTP/1.1\r\n".encode("latin-1"), common, lines
    )  # fmt: skip


def answer_start(status: int, lines: bytes) -> bytes:
    """The head of whole answers to a client, as far as the digits of their length."""
    return answer_head(status, lines, (), framing=b"", close=False)[:-2] + b"content-length: "


def answer_head(
    status: int, lines: bytes, more: RawHeaders, *, framing: bytes, close: bool
) -> bytes:
    """The head of an answer to a client. `framing` is a header line or nothing."""
    line = _STATUS_LINES.get(status) or b"HTTP/1.1 %d \r\n" % status
    if more:
        lines += b"".join([b"%b: %b\r\n" % pair for pair in more])
    end = b"connection: close\r\n\r\n" if close else b"\r\n"
    return b"%b%b%b%b" % (line, lines, framing, end)


def find(headers: RawHeaders, name: bytes) -> bytes | None:
    """The first value of a header; names are lower-case."""
    for key, value in headers:
        if key == name:
            return value
    return None
