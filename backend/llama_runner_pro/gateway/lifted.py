"""Requests of many megabytes that are translated: their long texts never leave the disk.

What makes requests large is pictures in base64. Such a text is left out of the document before
it is parsed, a short mark stands for it, and where the translated request holds the mark the text
is put back while it is sent. Only texts that look the same in every JSON string are left out, so
that it does not matter where in the new document they stand.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from typing import TYPE_CHECKING

from llama_runner_pro.gateway.body import PIECE_BYTES

if TYPE_CHECKING:
    import mmap
    from collections.abc import AsyncIterator, Iterator, Sequence

    from llama_runner_pro.gateway.body import Spooled

LONG_BYTES = 65_536
_HEAD_BYTES = 64
"""Stays in the document: by its first signs a picture's kind is told."""
_STEPS_MAX = 1_000_000
"""Quotes that are looked at; what follows is parsed as it is."""
_CHECK_BYTES = 1_000_000
_PREFIX = f"lifted{secrets.token_hex(12)}x"
"""No client can know it, so none can write it."""
_MARK = re.compile(_PREFIX.encode() + rb"([0-9a-f]{8})")
_SAME_EVERYWHERE = re.compile(rb"[A-Za-z0-9+/=_:;,.-]*")

Span = tuple[int, int]


class Lifted:
    """A document and what was left out of it. Blocking: it reads the whole file once."""

    def __init__(self, body: Spooled) -> None:
        self._view = body.view()
        self._spans: list[Span] = []
        self.document = self._without_long_texts()
        """With marks."""

    def woven(self, document: bytes) -> bytes | Woven:
        """`document` with every text back in its place, as it can be sent."""
        parts: list[bytes | Span] = []
        end = 0
        for mark in _MARK.finditer(document):
            parts += [document[end : mark.start()], self._spans[int(mark[1], 16)]]
            end = mark.end()
        return Woven(self._view, [*parts, document[end:]]) if parts else document

    def _without_long_texts(self) -> bytes:
        view, kept, done = self._view, bytearray(), 0
        for start, end in _long_texts(view):
            head = start + _HEAD_BYTES
            kept += view[done:head] + f"{_PREFIX}{len(self._spans):08x}".encode()
            self._spans.append((head, end))
            done = end
        return bytes(kept + view[done:])


class Woven:
    """Pieces of memory and of a file, one after the other. Sent like a `Spooled`."""

    def __init__(self, view: mmap.mmap, parts: Sequence[bytes | Span]) -> None:
        self._view, self._parts = view, parts
        self.size_bytes = sum(
            len(part) if isinstance(part, bytes) else part[1] - part[0] for part in parts
        )

    async def prepare(self) -> None:
        """Nothing has to be changed on disk."""

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body from its beginning."""
        for part in self._parts:
            if isinstance(part, bytes):
                yield part
                continue
            for start in range(*part, PIECE_BYTES):
                wanted = slice(start, min(start + PIECE_BYTES, part[1]))
                yield await asyncio.to_thread(self._view.__getitem__, wanted)

    def beginning(self, size_bytes: int) -> bytes:
        """The first part of it."""
        held = bytearray()
        for part in self._parts:
            left = size_bytes - len(held)
            held += (
                part[:left]
                if isinstance(part, bytes)
                else self._view[part[0] : min(part[1], part[0] + left)]
            )
            if len(held) >= size_bytes:
                break
        return bytes(held)


async def lift(body: Spooled) -> Lifted:
    """Read it, in a thread."""
    return await asyncio.to_thread(Lifted, body)


def _long_texts(view: mmap.mmap) -> Iterator[Span]:
    """Where the insides of long strings lie that may stand anywhere."""
    at = 0
    for _ in range(_STEPS_MAX):
        start = view.find(b'"', at) + 1
        end = _closing(view, start) if start else -1
        if end < 0:
            return
        if end - start > LONG_BYTES and _is_same_everywhere(view, start, end):
            yield start, end
        at = end + 1


def _closing(view: mmap.mmap, at: int) -> int:
    """The quote that ends the string; -1: there is none."""
    for _ in range(_STEPS_MAX):
        at = view.find(b'"', at)
        before = at - 1
        while before >= 0 and view[before] == 0x5C:
            before -= 1
        if at < 0 or (at - before) % 2:
            return at
        at += 1
    return -1


def _is_same_everywhere(view: mmap.mmap, start: int, end: int) -> bool:
    for at in range(start, end, _CHECK_BYTES):
        stop = min(at + _CHECK_BYTES, end)
        found = _SAME_EVERYWHERE.match(view, at, stop)
        if found is None or found.end() != stop:
            return False
    return True
