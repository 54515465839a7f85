"""Remembers what was installed from what, so that it is not done twice.

A stamp is a small file inside the folder it speaks about: deleting the folder forgets it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from places import shown

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

LEFT_OUT = {"dist", "node_modules", "__pycache__"}


def files_under(folder: Path) -> list[Path]:
    """All files below a folder, sorted, without what was built or installed there."""
    found: list[Path] = []
    for entry in sorted(folder.iterdir()):
        if entry.is_dir() and entry.name not in LEFT_OUT:
            found.extend(files_under(entry))
        elif entry.is_file():
            found.append(entry)
    return found


def digest(files: Iterable[Path], *facts: str) -> str:
    """One hash over the names and contents of files and over other facts."""
    total = hashlib.sha256()
    for fact in facts:
        total.update(f"{fact}\0".encode())
    for path in files:
        content = path.read_bytes() if path.exists() else b""
        total.update(f"{shown(path)}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


@dataclass(frozen=True)
class Stamp:
    """A remembered digest."""

    path: Path

    def says(self, expected: str) -> bool:
        """Whether the work was done from exactly this."""
        return self.path.is_file() and self.path.read_text("ascii", "replace") == expected

    def forget(self) -> None:
        """Before the work starts, so that a half-done state is never taken for done."""
        self.path.unlink(missing_ok=True)

    def write(self, value: str) -> None:
        """After the work is done."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(value, "ascii")
