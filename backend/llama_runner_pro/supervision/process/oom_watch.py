"""Whether the kernel ended a process for lack of memory about when one of ours was killed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.supervision.process.oom_counters import (
    OomCounters,
    read_counters,
)

if TYPE_CHECKING:
    from pathlib import Path


class OomWatch:
    """Remembers the counters of a moment ago. `look` now and then, `rose` when it has ended.

    The baseline is two looks old, so that one which falls between the kill and our hearing of it
    does not hide it. Blocking, microseconds.
    """

    def __init__(self, group: Path | None) -> None:
        """`group`: folder of the process's control group, see `group_of`."""
        self._group = group
        self._before = self._latest = self._read()

    def look(self) -> None:
        """Take the present counters as the newest."""
        self._before, self._latest = self._latest, self._read()

    def rose(self) -> bool:
        """True when a process was ended for lack of memory since the look before the last."""
        return self._read().rose_since(self._before)

    def _read(self) -> OomCounters:
        return read_counters(self._group)
