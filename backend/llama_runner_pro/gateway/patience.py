"""One timer for all deadlines of the gateway; one for each request would cost too much."""

from __future__ import annotations

import asyncio
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
    """Looks at everything that waits, twice a second, and sleeps while there is nothing. Use from
    the event loop only.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._watched: set[Watched] = set()
        self._begun = asyncio.Event()
        self._asleep = False
        self.discard = self._watched.discard
        """Stop watching; without effect for a stranger."""

    def add(self, one: Watched) -> None:
        """Begin to watch."""
        self._watched.add(one)
        if self._asleep:
            self._asleep = False
            self._begun.set()

    def __len__(self) -> int:
        """How many are watched."""
        return len(self._watched)

    def watched(self) -> tuple[Watched, ...]:
        """All that are watched now."""
        return tuple(self._watched)

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            if not self._watched:
                self._asleep = True
                self._begun.clear()
                await self._begun.wait()
            await self._clock.sleep(LOOK_EVERY_S)
            now_s = self._clock.monotonic()
            for watched in self.watched():
                watched.look(now_s)
