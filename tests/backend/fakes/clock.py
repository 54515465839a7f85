"""A clock that stands still until a test moves it."""

from __future__ import annotations

import asyncio
import heapq

_SETTLE_LIMIT = 2_000
_SETTLE_BLIND = 60


class FakeClock:
    """Satisfies `core.clock.Clock`; time passes only inside `advance`.

    Sleepers wake in the order of their due times, and everything they set off runs before the
    next one wakes, so that a test sees the same order every time.
    """

    def __init__(self, *, wall_ms: int = 1_700_000_000_000) -> None:
        self._now_s = 0.0
        self._start_wall_ms = wall_ms
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = 0

    def monotonic(self) -> float:
        """Seconds that tests have let pass."""
        return self._now_s

    def wall_ms(self) -> int:
        """The starting time plus the seconds that tests have let pass."""
        return self._start_wall_ms + round(self._now_s * 1000)

    async def sleep(self, seconds: float) -> None:
        """Wait until a test has advanced the clock by `seconds`; 0 yields once."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._sleepers, (self._now_s + seconds, self._count, woken))
        await woken

    @property
    def sleeping(self) -> int:
        """How many tasks wait for this clock."""
        return sum(not woken.done() for _, _, woken in self._sleepers)

    async def advance(self, seconds: float) -> None:
        """Let `seconds` pass: wake the due sleepers in order and run what they set off."""
        target_s = self._now_s + seconds
        await settle()
        while self._sleepers and self._sleepers[0][0] <= target_s + 1e-9:
            due_s, _, woken = heapq.heappop(self._sleepers)
            if woken.done():
                continue
            self._now_s = max(self._now_s, due_s)
            woken.set_result(None)
            await settle()
        self._now_s = target_s
        await settle()

    def skip(self, seconds: float) -> None:
        """Jump ahead without waking anybody, like a machine that was too busy to run us."""
        self._now_s += seconds


async def settle() -> None:
    """Yield until no task is ready to run (work in threads and sockets is not waited for)."""
    ready = getattr(asyncio.get_running_loop(), "_ready", None)
    for turn in range(_SETTLE_LIMIT):
        await asyncio.sleep(0)
        if ready is None and turn >= _SETTLE_BLIND:
            return
        if ready is not None and not ready:
            return
