"""Reading lines from a pipe in a thread of its own.

`os.read` and not the buffered reader: a daemon thread that waits inside of that one has the
interpreter abort at its end.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_CHUNK_BYTES = 65_536


def read_lines(descriptor: int, limit_bytes: int) -> Iterator[bytes | None]:
    """Every line without its end, until nobody can write any more. Blocking.

    None stands for a line of more than `limit_bytes`, which is passed over; a last line without
    an end counts. A broken pipe is an end like any other.
    """
    pending, skipping = b"", False
    while chunk := _chunk(descriptor):
        *whole, pending = (pending + chunk).split(b"\n")
        for line in whole:
            if not skipping:
                yield line if len(line) <= limit_bytes else None
            skipping = False
        if len(pending) > limit_bytes:
            if not skipping:
                yield None
            pending, skipping = b"", True
    if pending and not skipping:
        yield pending


def follow(
    descriptor: int,
    limit_bytes: int,
    *,
    heard: Callable[[bytes | None], None],
    ended: Callable[[], None],
) -> threading.Thread:
    """Hand every line to `heard`, and the end to `ended`, both called in a daemon thread."""

    def run() -> None:
        for line in read_lines(descriptor, limit_bytes):
            heard(line)
        ended()

    thread = threading.Thread(target=run, name="standard input", daemon=True)
    thread.start()
    return thread


def _chunk(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, _CHUNK_BYTES)
    except OSError:
        return b""
