"""One timer for all deadlines of the gateway; one for each request would cost too much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from llama_runner_pro.core.clock import Clock

LOOK_EVERY_S = 0.5
"""How late a deadline may be noticed."""


class Watched(Protocol):
    """Something that must not take for ever."""

    def look(self, now_s: float, /) -> None:
        """Give up what has taken too long at `now_s` (monotonic). Must not raise."""
        ...


class Patience:
    """Looks at everything that waits, twice a second. Use from the event loop only."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._watched: set[Watched] = set()
        self.add = self._watched.add
        """Begin to watch."""
        self.discard = self._watched.discard
        """Stop watching; without effect for a stranger."""

    def __len__(self) -> int:
        """How many are watched."""
        return len(self._watched)

    def watched(self) -> tuple[Watched, ...]:
        """All that are watched now."""
        return tuple(self._watched)

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await self._clock.sleep(LOOK_EVERY_S)
            now_s = self._clock.monotonic()
            for watched in self.watched():
                watched.look(now_s)
