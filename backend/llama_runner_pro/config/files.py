"""Small files of ours that must survive a power cut, and be survived when they did not."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import tempfile
from pathlib import Path
from typing import TypeVar

import msgspec

T = TypeVar("T")

_log = logging.getLogger(__name__)


def write_atomically(path: Path, content: bytes, *, lasting: bool = True) -> None:
    """Replace the file at `path` (mode 0600): readers see the old content or the new, whole.

    The content is on disk before the name points to it. Raises `OSError`; then the old file is
    untouched. Without `lasting` nobody waits for the disk: for what means nothing after a power
    cut, and whose readers take it for absent when it is empty then.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            if lasting:
                os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    if lasting:
        _sync_folder(path.parent)


def read_or_set_aside(path: Path, shape: type[T]) -> T | None:
    """Read a JSON file of ours; None when there is none.

    One that cannot be understood is renamed to `<name>.damaged` with a warning in the log, so
    that it can be looked at and is not in the way. Raises `OSError` when it cannot be read.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        return msgspec.json.decode(content, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        aside = path.with_name(f"{path.name}.damaged")
        path.replace(aside)
        _log.warning("%s is damaged (%s); it is kept as %s", path.name, error, aside.name)
        return None


def _sync_folder(folder: Path) -> None:
    """Make a rename durable, where folders can be opened."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
