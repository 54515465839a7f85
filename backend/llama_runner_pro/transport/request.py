"""Writing an HTTP/1.1 request (RFC 9112)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_WITH_LENGTH = frozenset({"POST", "PUT", "PATCH"})


def encode_request(
    method: str, target: str, authority: str, headers: Mapping[str, str], body: bytes
) -> bytes:
    """The bytes of a request. `headers` add to or replace our own; names are case-insensitive.

    Raises `ValueError` for a method, header name or header value that would break the message,
    so that a value from a configuration cannot smuggle in a second request.
    """
    lines = {"host": authority, "user-agent": "llama-runner-pro", "accept": "*/*"}
    for name, value in headers.items():
        check_header(name, value)
        lines[name.lower()] = value
    if not _TOKEN.fullmatch(method):
        raise ValueError(f"not a method: {method!r}")
    lines.pop("transfer-encoding", None)
    if body or method in _WITH_LENGTH:
        lines["content-length"] = str(len(body))
    else:
        lines.pop("content-length", None)
    head = [f"{method} {_escaped(target)} HTTP/1.1", *(f"{k}: {v}" for k, v in lines.items())]
    return "\r\n".join([*head, "", ""]).encode("utf-8") + body


def check_header(name: str, value: str) -> None:
    """Raises `ValueError` when this header would break the message it is in."""
    if not _TOKEN.fullmatch(name):
        raise ValueError(f"not a header name: {name!r}")
    if any(character in value for character in "\r\n\0"):
        raise ValueError(f"the value of header {name!r} contains a line break")


def _escaped(target: str) -> str:
    """Percent-encode everything outside ASCII; the rest is sent as written."""
    return "".join(c if c.isascii() else "".join(f"%{b:02X}" for b in c.encode()) for c in target)
