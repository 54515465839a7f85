"""What a guard hears, kept as it came until something has to be done about it.

A guard starts with each sidecar and then waits, for days as a rule: it holds up the start less and
takes half the memory when all that it would need in the end is loaded in the end.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LINE_LIMIT_BYTES = 256 * 1024


class Watchlist:
    """The lines of the sidecar that still count."""

    def __init__(self) -> None:
        self.begin: bytes | None = None
        self.guarded: dict[str, bytes] = {}
        """By name, the last line about each process that runs, or is about to."""
        self.farewell: bytes | None = None
        self.passed_over = 0
        """Lines that make no sense. What was understood counts all the same."""

    def listen(self, lines: Iterable[bytes | None]) -> None:
        """Take in all that comes; returns when the sidecar has said farewell, or is gone."""
        for line in lines:
            if not self._took(line or b""):
                self.passed_over += 1
            if self.farewell is not None:
                return

    def _took(self, line: bytes) -> bool:
        try:
            word = json.loads(line)
        except (ValueError, RecursionError):
            return False
        if not isinstance(word, dict):
            return False
        kind, name = word.get("type"), word.get("name")
        if kind == "begin":
            self.begin = line
        elif kind == "farewell":
            self.farewell = line
        elif kind in ("guarded", "starting") and isinstance(name, str):
            self.guarded[name] = line
        elif kind == "dropped" and isinstance(name, str):
            self.guarded.pop(name, None)
        else:
            return False
        return True
