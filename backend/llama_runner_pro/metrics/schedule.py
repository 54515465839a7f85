"""Due times that do not drift."""

from __future__ import annotations

import math


class Schedule:
    """Due times at origin + n x interval, however long the work between them takes."""

    def __init__(self, origin_s: float, interval_s: float) -> None:
        self._origin_s = origin_s
        self._count = 0
        self.interval_s = interval_s

    @property
    def due_s(self) -> float:
        """Monotonic time of the next tick."""
        return self._origin_s + self._count * self.interval_s

    def advance(self, now_s: float) -> int:
        """Move on to the next due time that has not passed; returns how many were missed."""
        steps = max(1, math.ceil((now_s - self.due_s) / self.interval_s - 1e-9))
        self._count += steps
        return steps - 1

    def change_interval(self, interval_s: float, *, last_s: float, now_s: float) -> None:
        """Tick at another pace: one interval after the last tick, or at once if that is past."""
        self._origin_s = max(now_s, last_s + interval_s)
        self._count = 0
        self.interval_s = interval_s
