"""Points in time as the APIs write them, without formatting each one anew."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

FOREVER = "2318-01-01T00:00:00+00:00"
"""How Ollama's clients are told that a model stays: a date beyond every plan."""


def rfc3339(wall_ms: int) -> str:
    """`2026-01-31T12:00:00.123Z`."""
    return _second(wall_ms // 1000) + f".{wall_ms % 1000:03d}Z"


def rfc3339_offset(wall_ms: int) -> str:
    """The same with `+00:00`, for clients that read no `Z`."""
    return rfc3339(wall_ms)[:-1] + "+00:00"


class Instants:
    """Writes many instants of the same stream: a second is formatted once."""

    def __init__(self) -> None:
        self._second = -1
        self._text = b""

    def at(self, wall_ms: int) -> bytes:
        """As `rfc3339`, in bytes."""
        second, rest = divmod(wall_ms, 1000)
        if second != self._second:
            self._second, self._text = second, _second(second).encode()
        return b"%s.%03dZ" % (self._text, rest)


@lru_cache(maxsize=16)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
