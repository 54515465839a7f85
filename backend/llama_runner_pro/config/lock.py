"""One sidecar per data folder: two would start every model twice and overwrite each other."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llama_runner_pro.core.errors import LlamaRunnerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(repr=False)
class FolderInUse(LlamaRunnerError):
    """Another sidecar runs on this data folder."""

    folder: Path
    holder: str

    def __str__(self) -> str:
        """Names the holder and what to do."""
        return (
            f"another LlamaRunner Pro{self.holder} already uses the data folder {self.folder}. "
            "Use that one, stop it, or choose another folder with --data-dir."
        )


@contextlib.contextmanager
def hold_folder(lock: Path, presence: Path) -> Iterator[None]:
    """Keep the data folder to ourselves for the length of the block.

    The operating system drops the lock when we end, however we end. Raises `FolderInUse`, which
    names the other one out of its `presence` file when that can be read, and `OSError`.
    """
    lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _taken(descriptor):
            raise FolderInUse(lock.parent.parent, _holder(presence))
        yield
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _taken(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _taken(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


def _holder(presence: Path) -> str:
    try:
        document = json.loads(presence.read_bytes())
        return f" (pid {int(document['pid'])}, http://{document['host']}:{document['port']}/)"
    except (OSError, ValueError, KeyError, TypeError):
        return ""
