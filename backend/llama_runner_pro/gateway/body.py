"""Bodies of requests, on disk when they are large."""

from __future__ import annotations

import asyncio
import mmap
import tempfile
from typing import IO, TYPE_CHECKING

from llama_runner_pro.core.errors import BadRequest
from llama_runner_pro.gateway.envelope import edit_pieces

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Mapping
    from pathlib import Path

SPOOL_BYTES = 4_000_000
"""Larger bodies lie on disk."""
PIECE_BYTES = 262_144
_BATCH_BYTES = 1_000_000


class Spooled:
    """A body in a temporary file that has no name (or is removed when it is closed)."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._file = _nameless(folder)
        self._edited: IO[bytes] | None = None
        self._edits: Mapping[str, bytes] = {}
        self.given_bytes = 0
        """Of what was given."""
        self.size_bytes = 0
        """Of what is sent; after `prepare`."""

    async def append(self, piece: bytes) -> None:
        """Write at the end. Raises `OSError`, as when the disk is full."""
        await asyncio.to_thread(self._file.write, piece)
        self.given_bytes += len(piece)
        self.size_bytes = self.given_bytes

    def view(self) -> mmap.mmap:
        """What was given, without reading it into memory. Unmapped when nobody looks any more."""
        self._file.flush()
        return mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)

    def beginning(self, size_bytes: int) -> bytes:
        """The first part of what was given."""
        return self.view()[:size_bytes]

    def with_fields(self, fields: Mapping[str, bytes]) -> Spooled:
        """Have these top-level fields (values as JSON) replaced or added when it is sent."""
        self._edits = fields
        return self

    async def prepare(self) -> None:
        """Carry the edits out, in a thread. Raises `OSError`, `BadRequest`."""
        if self._edited is not None:
            self._edited.close()
            self._edited = None
        self.size_bytes = self.given_bytes
        if self._edits:
            self._edited, self.size_bytes = await asyncio.to_thread(self._edit)

    async def pieces(self) -> AsyncIterator[bytes]:
        """The body from its beginning, until it is closed."""
        source = self._edited or self._file
        try:
            await asyncio.to_thread(source.seek, 0)
            while piece := await asyncio.to_thread(source.read, PIECE_BYTES):
                yield piece
        except ValueError:
            return  # closed meanwhile: nobody wants the rest

    def close(self) -> None:
        """Remove the file. A second call is nothing."""
        self._file.close()
        if self._edited is not None:
            self._edited.close()

    def _edit(self) -> tuple[IO[bytes], int]:
        target = _nameless(self._folder)
        size_bytes = 0
        try:
            for piece in edit_pieces(self.view(), self._edits):
                size_bytes += target.write(piece)
        except (OSError, BadRequest):
            target.close()
            raise
        return target, size_bytes


async def collect(
    pieces: AsyncIterable[bytes], limit_bytes: int, folder: Path | None = None
) -> bytes | Spooled:
    """A body that arrives in pieces: in memory when it is small, otherwise on disk.

    Raises `BadRequest` (413) beyond `limit_bytes`. What was collected is removed when it raises
    or is cancelled.
    """
    spooled: Spooled | None = None
    held = bytearray()
    total_bytes = 0
    try:
        async for piece in pieces:
            total_bytes += len(piece)
            _check_size(total_bytes, limit_bytes)
            held += piece
            if spooled is None and len(held) > SPOOL_BYTES:
                spooled = Spooled(folder)
            if spooled is not None and len(held) > _BATCH_BYTES:
                await spooled.append(bytes(held))
                held.clear()
        if spooled is not None:
            await spooled.append(bytes(held))
    except BaseException:
        if spooled is not None:
            spooled.close()
        raise
    return bytes(held) if spooled is None else spooled


def too_large(limit_bytes: int) -> BadRequest:
    """The error for a body beyond the limit."""
    reason = f"the request is larger than {limit_bytes} bytes (gateway.body_limit_bytes)"
    return BadRequest(reason, status=413, code="body_too_large")


def _check_size(size_bytes: int, limit_bytes: int) -> None:
    if size_bytes > limit_bytes:
        raise too_large(limit_bytes)


def _nameless(folder: Path | None) -> IO[bytes]:
    if folder is not None:
        # Few ever need it, and a cleaner of temporary files may have removed it meanwhile.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return tempfile.TemporaryFile(dir=folder)
