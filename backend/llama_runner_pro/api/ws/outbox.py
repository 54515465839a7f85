"""What waits to be sent to one session: the newest ticks, and where it stands in the events."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llama_runner_pro.api.ws.tick import SharedTick

TICK_DEPTH = 2


class TickSlot:
    """At most two ticks; when a third comes the oldest goes, and the gap is remembered."""

    def __init__(self) -> None:
        self._ticks: deque[SharedTick] = deque()
        self._gap: tuple[int, int] | None = None
        self._last_at_s: float | None = None
        self.dropped = 0

    def offer(self, tick: SharedTick, interval_s: float) -> bool:
        """Take a tick unless it comes too early for this session's pace."""
        # A tick may be a little early against the one before; that is not a faster pace.
        if self._last_at_s is not None and tick.at_s - self._last_at_s < interval_s * 0.8:
            return False
        self._last_at_s = tick.at_s
        self._ticks.append(tick)
        if len(self._ticks) > TICK_DEPTH:
            lost = self._ticks.popleft()
            self.dropped += 1
            self._gap = (self._gap[0] if self._gap else lost.seq, lost.seq)
        return True

    def miss(self, from_seq: int, to_seq: int) -> None:
        """Ticks that were not offered, to be told before the next one; inclusive."""
        if from_seq <= to_seq:
            self._gap = (from_seq, to_seq)

    def take(self) -> tuple[SharedTick, tuple[int, int] | None] | None:
        """The oldest tick and the gap before it; None when there is nothing."""
        if not self._ticks:
            return None
        gap, self._gap = self._gap, None
        return self._ticks.popleft(), gap

    def clear(self) -> None:
        """Forget what waits, on purpose: no gap. The next tick is taken whatever the pace."""
        self._ticks.clear()
        self._gap = None
        self._last_at_s = None

    def __bool__(self) -> bool:
        """Something waits."""
        return bool(self._ticks)
