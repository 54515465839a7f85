"""Noticing that somebody edited a file."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from llama_runner_pro.core.clock import Clock

LOOK_EVERY_S = 1.0

Stamp = tuple[int, int, int] | None


class FileWatch:
    """Looks at a file's stamp once a second; that works on every file system.

    An edit counts when the file has not changed any more for one look: editors write in pieces.
    """

    def __init__(
        self, path: Callable[[], Path], edited: Callable[[], Awaitable[None]], clock: Clock
    ) -> None:
        """`path` is asked at every look; `edited` is awaited for each edit."""
        self._path, self._edited, self._clock = path, edited, clock

    async def run(self) -> None:
        """Watch until cancelled. What happened before counts as an edit too."""
        known = seen = await self._stamp()
        await self._edited()
        while True:
            await self._clock.sleep(LOOK_EVERY_S)
            stamp = await self._stamp()
            if stamp == seen and stamp != known:
                known = stamp
                await self._edited()
            seen = stamp

    async def _stamp(self) -> tuple[Path, Stamp]:
        path = self._path()
        return path, await asyncio.to_thread(stamp_of, path)


def stamp_of(path: Path) -> Stamp:
    """What changes with every edit; None when there is no file to be seen."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
