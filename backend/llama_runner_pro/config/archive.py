"""The last configuration files that were replaced, each in a file of its own."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING

from llama_runner_pro.config.files import write_atomically
from llama_runner_pro.core.value_object import ValueObject

if TYPE_CHECKING:
    from pathlib import Path

KEPT = 5

_NAME = re.compile(r"config-(\d{13,})-(\d+)\.json")


class Backup(ValueObject, frozen=True):
    """One of them."""

    id: str
    saved_ms: int
    content: bytes


class Archive:
    """A folder of backups; only files with our names in it are ours. Blocking file access."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes, now_ms: int) -> str:
        """Keep `content`, on disk when this returns its id; the oldest beyond five go.

        Raises `OSError`.
        """
        number = 1 + max((number for _, number, _ in self._files()), default=0)
        path = self._folder / f"config-{now_ms:013d}-{number}.json"
        write_atomically(path, content)
        for _, _, old in self._files()[KEPT:]:
            with contextlib.suppress(OSError):
                old.unlink()
        return path.stem

    def drop(self, backup_id: str) -> None:
        """Forget one; no error when it is gone already."""
        for _, _, path in self._files():
            if path.stem == backup_id:
                path.unlink(missing_ok=True)

    def all(self) -> list[Backup]:
        """Newest first. One that cannot be read is left out."""
        found = []
        for saved_ms, _, path in self._files():
            with contextlib.suppress(OSError):
                found.append(Backup(path.stem, saved_ms, path.read_bytes()))
        return found

    def _files(self) -> list[tuple[int, int, Path]]:
        """Time, number and path, newest first; the number holds when a clock was set back."""
        try:
            paths = list(self._folder.iterdir())
        except OSError:
            return []
        named = [(path, _NAME.fullmatch(path.name)) for path in paths]
        found = [(int(m.group(1)), int(m.group(2)), path) for path, m in named if m]
        return sorted(found, key=lambda file: file[1], reverse=True)
