"""Where the configuration lies: which file is read, which is written, and the way back."""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING

from llama_runner_pro.config.document import read_content
from llama_runner_pro.config.files import write_atomically
from llama_runner_pro.core.value_object import ValueObject

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from llama_runner_pro.config.archive import Archive
    from llama_runner_pro.config.stored import Stored
    from llama_runner_pro.core.clock import Clock

_log = logging.getLogger(__name__)


class Desk(ValueObject, frozen=True):
    """Reads and writes the file. All file access here blocks."""

    default: Path
    """The file that is written when there is none, or when it is an older one."""
    archive: Archive
    clock: Clock

    def target(self, stored: Stored) -> Path:
        """The file that the next change is written to."""
        return self.default if stored.path is None or stored.older else stored.path

    def read(self, stored: Stored) -> bytes | None:
        """What the file holds now; None when there is none and there was none.

        Raises ConfigError when it is gone or cannot be read.
        """
        path = stored.path or self.default
        if stored.path is None and not path.exists():
            return None
        return read_content(path)

    def write(self, before: Stored, content: bytes) -> Callable[[], None]:
        """Keep what is there in the archive, then replace it; returns the way back.

        Raises OSError; then nothing was replaced.
        """
        target = self.target(before)
        present = _bytes_of(target)
        now_ms = self.clock.wall_ms()
        kept = [
            self.archive.put(old, now_ms)
            for old in (before.content if before.older else None, present)
            if old is not None
        ]
        write_atomically(target, content)

        def undo() -> None:
            try:
                if present is None:
                    target.unlink(missing_ok=True)
                else:
                    write_atomically(target, present)
            except OSError as error:
                _log.warning("%s could not be put back: %s", target, error)
            for backup_id in kept:
                with contextlib.suppress(OSError):
                    self.archive.drop(backup_id)

        return undo

    def note(self, stored: Stored) -> str | None:
        """What people should know about the file."""
        if not stored.older:
            return None
        return (
            f"{stored.path} is a file of the older monitor and is never written to. "
            f"The first change is saved in {self.default}."
        )

    def taken_over(self, older: Stored) -> str:
        """The same after the first change of an older file."""
        return (
            f"{older.path} was left as it is; the configuration is in {self.default} now. "
            "From the next start on leave out --config, or name that file."
        )


def _bytes_of(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
