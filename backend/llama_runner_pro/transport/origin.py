"""Splitting a URL into whom to dial and what to ask for."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit


class Origin(NamedTuple):
    """Scheme, host and port: what one connection can serve."""

    scheme: str
    host: str
    port: int

    @property
    def authority(self) -> str:
        """The value of the Host header; IPv6 addresses stand in brackets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        default = {"http": 80, "https": 443}[self.scheme]
        return host if self.port == default else f"{host}:{self.port}"

    def __str__(self) -> str:
        """`http://127.0.0.1:8080`."""
        return f"{self.scheme}://{self.authority}"


@lru_cache(maxsize=256)
def parse_url(url: str) -> tuple[Origin, str]:
    """Return the origin and the request target (path and query) of an absolute URL.

    Raises `ValueError` for anything but http and https, for a URL without host, and for one
    with spaces or control characters in it.
    """
    if any(character <= " " or character == "\x7f" for character in url):
        raise ValueError("a URL cannot contain spaces or control characters")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"not an absolute http(s) URL: {url}")
    default = 80 if parts.scheme == "http" else 443
    port = default if parts.port is None else parts.port
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Origin(parts.scheme, parts.hostname, port), target
