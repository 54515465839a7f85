from __future__ import annotations

import asyncio

from fakes.clock import FakeClock

from llama_runner_pro.gateway.patience import LOOK_EVERY_S, Patience


class Watched:
    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self.looks: list[float] = []

    def look(self, now_s: float) -> None:
        self.looks.append(now_s)
        if len(self.looks) == 2:
            self._patience.discard(self)


async def test_everything_that_waits_is_looked_at_until_it_is_discarded() -> None:
    clock = FakeClock()
    patience = Patience(clock)
    one, other = Watched(patience), Watched(patience)
    patience.add(one)
    patience.add(other)
    running = asyncio.ensure_future(patience.run())
    await clock.advance(4 * LOOK_EVERY_S)
    running.cancel()
    assert one.looks == other.looks == [LOOK_EVERY_S, 2 * LOOK_EVERY_S]
    assert len(patience) == 0
    patience.discard(one)


async def test_it_sleeps_while_nothing_waits() -> None:
    clock = FakeClock()
    patience = Patience(clock)
    running = asyncio.ensure_future(patience.run())
    await clock.advance(10 * LOOK_EVERY_S)
    assert clock.sleeping == 0
    late = Watched(patience)
    patience.add(late)
    await clock.advance(4 * LOOK_EVERY_S)
    assert len(late.looks) == 2
    assert clock.sleeping == 0
    running.cancel()
