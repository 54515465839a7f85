"""Cutting a stream of server-sent events into events (the WHATWG HTML standard, section 9.2)."""

from __future__ import annotations

from typing import NamedTuple

from llama_runner_pro.core.errors import UpstreamBroken

LONGEST_EVENT_BYTES = 16_000_000
_BOM = b"\xef\xbb\xbf"


class SseEvent(NamedTuple):
    """One event: its name (None when it has none) and its data, lines joined by line feeds."""

    name: bytes | None
    data: bytes


class SseSplitter:
    """Bytes in, whole events out. Comments and events without data are left out."""

    def __init__(self, limit_bytes: int = LONGEST_EVENT_BYTES) -> None:
        self._limit_bytes = limit_bytes
        self._rest = b""
        self._began = False
        self._after_return = False

    def feed(self, piece: bytes) -> list[SseEvent]:
        """The events that `piece` completes.

        Raises `UpstreamBroken` when an event is longer than the limit.
        """
        text = self._rest + self._line_feeds(piece)
        if not self._began and len(text) >= len(_BOM):
            self._began = True
            text = text.removeprefix(_BOM)
        *blocks, self._rest = text.split(b"\n\n")
        if len(self._rest) > self._limit_bytes:
            raise UpstreamBroken(f"an event is longer than {self._limit_bytes} bytes")
        return [event for block in blocks if (event := _event(block)) is not None]

    @property
    def rest(self) -> bytes:
        """What follows the last whole event; at the end of a sound stream nothing."""
        return self._rest

    def _line_feeds(self, piece: bytes) -> bytes:
        """All three kinds of line ends as line feeds; one of them may lie across two pieces."""
        if self._after_return and piece.startswith(b"\n"):
            piece = piece[1:]
            self._after_return = False
        if piece:
            self._after_return = piece.endswith(b"\r")
        if b"\r" not in piece:
            return piece
        return piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _event(block: bytes) -> SseEvent | None:
    name: bytes | None = None
    data: list[bytes] = []
    for line in block.split(b"\n"):
        field, _, value = line.partition(b":")
        if field == b"data":
            data.append(value.removeprefix(b" "))
        elif field == b"event":
            name = value.removeprefix(b" ")
    return SseEvent(name, b"\n".join(data)) if data else None
