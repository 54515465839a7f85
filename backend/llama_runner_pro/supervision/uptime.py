"""Share of the last 24 hours in which an endpoint was ready."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llama_runner_pro.core.clock import Clock

_WINDOW_S = 86_400.0
_SPANS = 2_000


class Uptime:
    """Adds up spans of being ready and of being watched; bounded to 2 000 changes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._spans: deque[tuple[float, float, bool]] = deque(maxlen=_SPANS)
        self._since_s: float | None = None
        self._up = False

    def note(self, *, watched: bool, up: bool) -> None:
        """Tell what holds from now on. Unwatched time counts neither way."""
        now = self._clock.monotonic()
        if self._since_s is not None:
            if watched and up == self._up:
                return
            self._spans.append((self._since_s, now, self._up))
        self._since_s = now if watched else None
        self._up = up

    def pct(self) -> float | None:
        """0 to 100, or None before anything was watched."""
        now = self._clock.monotonic()
        begin = now - _WINDOW_S
        spans = list(self._spans)
        if self._since_s is not None:
            spans.append((self._since_s, now, self._up))
        up = watched = 0.0
        for start, end, was_up in spans:
            length = end - max(start, begin)
            if length > 0:
                watched += length
                up += length if was_up else 0.0
        return round(100 * up / watched, 3) if watched > 0 else None
