"""Noticing that time passed without us: the machine slept, its clock was set, we got no turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llama_runner_pro.core.clock import Clock

_TOLERATED_S = 2.0


class Interruptions:
    """Compares the two clocks of the machine from one check to the next."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._drift_s = self._drift()
        self._late = False

    def woke(self, due_s: float) -> None:
        """Tell of a wake-up that was due at `due_s`, monotonic seconds."""
        if self._clock.monotonic() - due_s > _TOLERATED_S:
            self._late = True

    def happened(self) -> bool:
        """True when something of that kind happened since this was last asked."""
        drift_s, late = self._drift(), self._late
        jumped = abs(drift_s - self._drift_s) > _TOLERATED_S
        self._drift_s, self._late = drift_s, False
        return jumped or late

    def _drift(self) -> float:
        """Wall time less monotonic time: constant, unless one of them stood still or jumped."""
        return self._clock.wall_ms() / 1000 - self._clock.monotonic()
