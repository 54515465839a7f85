"""A rotated file of lines that bears a full disk."""

from __future__ import annotations

import logging
import os
import sys
from logging.handlers import RotatingFileHandler
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_log = logging.getLogger(__name__)


class LineFile(RotatingFileHandler):
    """Lines that the disk refuses wait in the stream's buffer until it takes them."""

    refused = False
    """The disk did not take the newest lines yet."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Tell once, then wait; logging itself would print a traceback for each line."""
        if not self.refused:
            _log.warning("%s cannot be written: %s", self.baseFilename, sys.exception())
        self.refused = True

    def try_again(self) -> None:
        """Write what waits, if anything does and the disk takes it now."""
        if not self.refused:
            return
        try:
            self.flush()
        except OSError:
            return
        self.refused = False
        _log.info("%s can be written again; nothing was lost", self.baseFilename)


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
