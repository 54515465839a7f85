"""Addresses of what listens on this computer."""

from __future__ import annotations

_REACHED_AT = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def reached_at(host: str) -> str:
    """Where this computer reaches who listens on `host`: on every address means on loopback too."""
    return _REACHED_AT.get(host, host)


def origin(host: str, port: int) -> str:
    """`http://host:port`, with brackets around an IPv6 address (RFC 3986, 3.2.2)."""
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"
