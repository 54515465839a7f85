"""Lets a stream of events through whole event by whole event.

So a stream that breaks off can be ended with an error that is an event of its own, and an event
that only we asked for can be taken out.
"""

from __future__ import annotations

import re

import msgspec

from llama_runner_pro.core.unreadable import UNREADABLE

LONGEST_HELD_BYTES = 1_000_000
"""A longer event passes in parts."""
_NULL = msgspec.Raw(b"null")
_ONLY_USAGE = re.compile(rb'"choices"\s*:\s*\[\s*\]')


class _Chunk(msgspec.Struct):
    choices: list[msgspec.Raw] | None = None
    usage: msgspec.Raw = _NULL


class EventGate:
    """One stream of server-sent events."""

    __slots__ = ("_rest", "_strip")

    def __init__(self, *, strip_usage: bool) -> None:
        self._rest = b""
        self._strip = strip_usage
        """Take out the chunk that holds `usage` and no choices."""

    def pass_on(self, piece: bytes) -> bytes:
        """What can go to the client now."""
        if self._rest:
            piece = self._rest + piece
            self._rest = b""
        if not piece.endswith((b"\n\n", b"\r\n\r\n")):
            at = max(_after(piece, b"\n\n"), _after(piece, b"\r\n\r\n"))
            if len(piece) - at <= LONGEST_HELD_BYTES:
                piece, self._rest = piece[:at], piece[at:]
        if self._strip and b'"usage"' in piece and _ONLY_USAGE.search(piece):
            return _without_usage(piece)
        return piece

    def rest(self) -> bytes:
        """What is still held: the end of a stream whose last event has no blank line."""
        held, self._rest = self._rest, b""
        return held


def _after(piece: bytes, end: bytes) -> int:
    at = piece.rfind(end)
    return 0 if at < 0 else at + len(end)


def _without_usage(piece: bytes) -> bytes:
    end = b"\r\n\r\n" if b"\r\n\r\n" in piece else b"\n\n"
    return b"".join(
        event for event in re.split(rb"(?<=" + end + rb")", piece) if not _is_usage(event)
    )


def _is_usage(event: bytes) -> bool:
    if not event.startswith(b"data:") or b'"usage"' not in event:
        return False
    try:
        chunk = msgspec.json.decode(event[5:], type=_Chunk)
    except UNREADABLE:
        return False
    return chunk.choices == [] and chunk.usage != _NULL
