"""A rotated file of lines that bears a full disk."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections import deque
from logging.handlers import RotatingFileHandler
from typing import TYPE_CHECKING

from llama_runner_pro.core.deadline import Deadline
from llama_runner_pro.core.own_thread import in_own_thread

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from llama_runner_pro.core.clock import Clock

_log = logging.getLogger(__name__)
_WAITING = 5_000
SYNC_WITHIN_S = 3.0


class LineFile(RotatingFileHandler):
    """Lines that the disk refuses wait in memory, the newest 5 000 of them, until it takes them.

    Nothing is ever left half written: a line is in the file as a whole, or not at all.
    """

    def __init__(self, path: Path, *, max_bytes: int = 0, files: int = 0) -> None:
        super().__init__(path, maxBytes=max_bytes, backupCount=files, encoding="utf-8")
        self._waiting: deque[logging.LogRecord] = deque(maxlen=_WAITING)
        self.refused = False
        """The disk did not take the newest lines yet."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line now, or later."""
        self._waiting.append(record)
        self.try_again()

    def try_again(self) -> None:
        """Write what waits, if anything does and the disk takes it now."""
        while self._waiting:
            try:
                self._write_whole(self._waiting[0])
            except OSError as error:
                if not self.refused:
                    _log.warning("%s cannot be written: %s", self.baseFilename, error)
                self.refused = True
                return
            self._waiting.popleft()
        if self.refused:
            _log.info("%s can be written again", self.baseFilename)
        self.refused = False

    def _write_whole(self, record: logging.LogRecord) -> None:
        if self.shouldRollover(record):
            self.doRollover()
        if self.stream is None:
            self.stream = self._open()
        size = os.fstat(self.stream.fileno()).st_size
        try:
            self.stream.write(self.format(record) + self.terminator)
            self.stream.flush()
        except OSError:
            self._take_back(size)
            raise

    def _take_back(self, size: int) -> None:
        """Drop what is buffered, and what the disk took of a line that it did not take whole."""
        stream, self.stream = self.stream, None
        with contextlib.suppress(OSError):
            if stream is not None:
                stream.close()
        os.truncate(self.baseFilename, size)


class OnDisk:
    """Waits until the lines of a file are safely on disk, but for no disk that hangs."""

    def __init__(self, clock: Clock, sync: Callable[[int], None] | None = None) -> None:
        """`sync` waits until a descriptor's content is on disk, and closes it."""
        self._clock, self._sync = clock, sync or sync_and_close
        self._hanging = False

    async def reached(self, file: LineFile) -> None:
        """All lines so far are on disk, or the disk failed, or did not answer for 3 s.

        The log tells of both. Until a disk that hangs has answered, nobody waits for it again.
        """
        stream = file.stream
        if stream is None or stream.closed or self._hanging:
            return
        try:
            # A descriptor of its own: meanwhile another line may turn the file over.
            descriptor = os.dup(stream.fileno())
            syncing = in_own_thread("fsync", lambda: self._sync(descriptor))
            syncing.add_done_callback(lambda _: self._answered())
            async with Deadline(self._clock, SYNC_WITHIN_S):
                await asyncio.shield(syncing)
        except TimeoutError:
            self._hanging = True
            _log.warning(
                "%s could not be written safely: the disk does not answer; "
                "until it does, repairs no longer wait for it",
                file.baseFilename,
            )
        except OSError as error:
            _log.warning("%s could not be written safely: %s", file.baseFilename, error)

    def _answered(self) -> None:
        self._hanging = False


def sync_and_close(descriptor: int) -> None:
    """Wait until the file's content is on disk, then give the descriptor up. Raises `OSError`."""
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def end_last_line(path: Path) -> None:
    """A crash may have cut the last line short; the next one must not be glued to it."""
    try:
        with path.open("rb+") as file:
            if file.seek(0, os.SEEK_END) == 0:
                return
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                file.write(b"\n")
    except FileNotFoundError:
        return
