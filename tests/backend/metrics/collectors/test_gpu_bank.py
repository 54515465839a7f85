from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from fakes.clock import FakeClock
from fakes.gpu import FakeGpuSource

from llama_runner_pro.metrics.collectors.gpu_bank import GpuBank

if TYPE_CHECKING:
    from collections.abc import Iterable

NOBODY: frozenset[int] = frozenset()


class Bench:
    """A bank over fake sources; time stands still unless a driver is stuck."""

    def __init__(self, *sources: FakeGpuSource) -> None:
        self.clock = FakeClock()
        self.bank = GpuBank(sources, self.clock)

    async def tick(self, now_s: float, pids: Iterable[int] = ()) -> list[float | None]:
        """Look; a quick driver answers in its thread while the clock stands still."""
        if self.bank.due(now_s):
            await asyncio.wait_for(self.bank.look(now_s, frozenset(pids)), 60)
        return self.shown(now_s)

    async def tick_stuck(self, now_s: float) -> list[float | None]:
        """Look while the driver does not answer: patience runs out."""
        looking = asyncio.ensure_future(self.bank.look(now_s, NOBODY))
        await self.clock.advance(0.2)
        await asyncio.wait_for(looking, 60)
        return self.shown(now_s)

    def shown(self, now_s: float) -> list[float | None]:
        """The use of each card, as it would be shown now."""
        return [sample.utilization_pct for sample in self.bank.samples(now_s)[0]]

    async def settled(self, now_s: float) -> None:
        """Tick until the values are there; the driver answers in its own time."""
        async with asyncio.timeout(60):
            while not await self.tick(now_s):  # noqa: ASYNC110 - a thread tells nobody
                await asyncio.sleep(0.001)


async def test_the_cards_are_found_and_read() -> None:
    bench = Bench(FakeGpuSource("Big", "Small"))
    assert not bench.bank.answered
    assert await bench.tick(0) == [1, 1]
    assert bench.bank.names == ("Big", "Small")
    assert bench.bank.answered


async def test_slow_values_are_read_every_ten_seconds() -> None:
    source = FakeGpuSource("Big")
    bench = Bench(source)
    for second in range(21):
        await bench.tick(second)
    assert source.sampled == 21
    assert len(source.asked) == 3


async def test_a_process_that_is_new_is_looked_for_soon() -> None:
    source = FakeGpuSource("Big")
    bench = Bench(source)
    for second in range(6):
        await bench.tick(second, [7] if second else [])
    assert source.asked == [frozenset(), frozenset({7})]
    assert bench.bank.asked == {7}


async def test_processes_that_come_and_go_all_the_time_do_not_make_it_hurry() -> None:
    source = FakeGpuSource("Big")
    bench = Bench(source)
    for second in range(30):
        await bench.tick(second, [second])
    assert len(source.asked) == 10


async def test_without_any_card_it_says_why_and_looks_again_later() -> None:
    nvml, fallback = FakeGpuSource("Big"), FakeGpuSource("Big")
    nvml.missing, fallback.missing = "no NVIDIA driver on this machine", "nvidia-smi not found"
    bench = Bench(nvml, fallback)
    assert await bench.tick(0) == []
    assert bench.bank.reason == "no NVIDIA driver on this machine"
    assert bench.bank.answered
    nvml.missing = None
    assert await bench.tick(59) == []
    assert await bench.tick(60) == [1]


async def test_the_fallback_is_used_when_the_first_source_is_missing() -> None:
    nvml, fallback = FakeGpuSource("Big"), FakeGpuSource("Same card")
    nvml.missing = "no NVML"
    bench = Bench(nvml, fallback)
    await bench.tick(0)
    assert bench.bank.names == ("Same card",)


async def test_a_costly_source_is_asked_rarely_and_its_last_sample_shows() -> None:
    bench = Bench(FakeGpuSource("Big", min_interval_s=10.0))
    shown = [(await bench.tick(second))[0] for second in range(12)]
    assert shown == [1] * 10 + [2] * 2


async def test_a_lost_card_is_opened_again_after_a_pause_that_grows() -> None:
    source = FakeGpuSource("Big")
    bench = Bench(source)
    await bench.tick(0)
    source.lost = "the driver lost the graphics card"
    assert await bench.tick(1) == []
    assert bench.bank.reason == "the driver lost the graphics card"
    assert bench.bank.names == ("Big",)
    assert source.closed == 1
    tries = []
    for second in range(2, 40):
        before = source.opened
        await bench.tick(second)
        if source.opened > before:
            tries.append(second)
    assert tries == [6, 16, 36]
    source.lost = None
    assert await bench.tick(76) == [2]


async def test_a_driver_that_hangs_at_the_start_does_not_hold_up_the_tick() -> None:
    source = FakeGpuSource("Big")
    source.free.clear()
    bench = Bench(source)
    assert await bench.tick_stuck(0) == []
    assert await bench.tick(1) == []
    assert not bench.bank.answered
    assert bench.bank.reason == "still looking for a graphics card"
    source.free.set()
    await bench.settled(2)
    assert source.opened == 1


async def test_a_driver_that_hangs_later_shows_its_last_sample_until_that_is_stale() -> None:
    source = FakeGpuSource("Big")
    bench = Bench(source)
    await bench.tick(0)
    source.free.clear()
    assert await bench.tick_stuck(1) == [1]
    assert await bench.tick(3) == [1]
    assert await bench.tick(4) == []
    assert bench.bank.reason == "the graphics driver has stopped answering"
    source.free.set()
    await bench.settled(5)


async def test_cancelling_a_look_leaves_the_read_to_the_next_one() -> None:
    source = FakeGpuSource("Big")
    source.free.clear()
    bench = Bench(source)
    looking = asyncio.ensure_future(bench.bank.look(0, NOBODY))
    await asyncio.sleep(0)
    looking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await looking
    source.free.set()
    await bench.settled(1)
    assert source.opened == 1
