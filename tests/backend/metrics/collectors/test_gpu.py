from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest
from fakes.clock import FakeClock

from llama_runner_pro.core.errors import SensorMissing
from llama_runner_pro.metrics.collectors.gpu import GpuCollector
from llama_runner_pro.metrics.collectors.gpu_ports import GpuLost, GpuSample

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llama_runner_pro.metrics.model import Reading


class FakeSource:
    """A source of graphics card values that can be missing, lost or stuck."""

    def __init__(self, *names: str, min_interval_s: float = 0.0) -> None:
        self.names = names
        self.min_interval_s = min_interval_s
        self.missing: str | None = None
        self.lost: str | None = None
        self.free = threading.Event()
        self.free.set()
        self.opened = self.closed = self.sampled = 0

    def open(self) -> Sequence[str]:
        self.free.wait()
        if self.missing is not None:
            raise SensorMissing(self.missing)
        self.opened += 1
        return self.names

    def sample(self) -> Sequence[GpuSample]:
        self.free.wait()
        if self.lost is not None:
            raise GpuLost(self.lost)
        self.sampled += 1
        return [GpuSample(utilization_pct=self.sampled, power_w=None) for _ in self.names]

    def close(self) -> None:
        self.closed += 1


class Bench:
    """A collector over fake sources; time stands still unless a driver is stuck."""

    def __init__(self, *sources: FakeSource) -> None:
        self.clock = FakeClock()
        self.collector = GpuCollector(sources, self.clock)

    async def tick(self, now_s: float) -> Reading:
        """Collect; a quick driver answers in its thread while the clock stands still."""
        return await asyncio.wait_for(self.collector.collect(now_s), 5)

    async def tick_stuck(self, now_s: float) -> Reading:
        """Collect while the driver does not answer: patience runs out."""
        collecting = asyncio.ensure_future(self.collector.collect(now_s))
        await self.clock.advance(0.2)
        return await asyncio.wait_for(collecting, 5)


async def test_the_cards_are_found_and_their_fields_declared() -> None:
    bench = Bench(FakeSource("Big", "Small"))
    assert bench.collector.fields() == ()
    reading = await bench.tick(0)
    assert reading.values["gpu0_utilization_pct"] == 1
    assert reading.values["gpu1_utilization_pct"] == 1
    assert reading.facts == {"gpu0_name": "Big", "gpu1_name": "Small"}
    labels = {field.name: field.label for field in bench.collector.fields()}
    assert labels["gpu1_memory_used_bytes"] == "Small memory used"
    fields = bench.collector.fields()
    await bench.tick(1)
    assert bench.collector.fields() is fields


async def test_what_a_card_does_not_report_has_a_reason() -> None:
    reading = await Bench(FakeSource("Big")).tick(0)
    assert reading.values["gpu0_power_w"] is None
    assert reading.absent["gpu0_power_w"] == "this graphics card does not report it"
    assert "gpu0_utilization_pct" not in reading.absent


async def test_without_any_card_the_group_says_why_and_is_looked_for_again_later() -> None:
    nvml, fallback = FakeSource("Big"), FakeSource("Big")
    nvml.missing, fallback.missing = "no NVIDIA driver on this machine", "nvidia-smi not found"
    bench = Bench(nvml, fallback)
    assert (await bench.tick(0)).absent == {"gpu": "no NVIDIA driver on this machine"}
    nvml.missing = None
    assert (await bench.tick(59)).absent == {"gpu": "no NVIDIA driver on this machine"}
    assert (await bench.tick(60)).values["gpu0_utilization_pct"] == 1


async def test_the_fallback_is_used_when_the_first_source_is_missing() -> None:
    nvml, fallback = FakeSource("Big"), FakeSource("Same card")
    nvml.missing = "no NVML"
    reading = await Bench(nvml, fallback).tick(0)
    assert reading.facts == {"gpu0_name": "Same card"}


async def test_a_costly_source_is_asked_rarely_and_its_last_sample_shows() -> None:
    source = FakeSource("Big", min_interval_s=10.0)
    bench = Bench(source)
    shown = [(await bench.tick(second)).values["gpu0_utilization_pct"] for second in range(12)]
    assert shown == [1] * 10 + [2] * 2


async def test_a_lost_card_is_opened_again_after_a_pause_that_grows() -> None:
    source = FakeSource("Big")
    bench = Bench(source)
    await bench.tick(0)
    source.lost = "the driver lost the graphics card"
    reading = await bench.tick(1)
    assert reading.values == {}
    assert reading.absent["gpu0_utilization_pct"] == "the driver lost the graphics card"
    assert source.closed == 1
    tries = []
    for second in range(2, 40):
        before = source.opened
        await bench.tick(second)
        if source.opened > before:
            tries.append(second)
    assert tries == [6, 16, 36]
    source.lost = None
    assert (await bench.tick(76)).values["gpu0_utilization_pct"] == 2


async def test_a_driver_that_hangs_at_the_start_does_not_hold_up_the_tick() -> None:
    source = FakeSource("Big")
    source.free.clear()
    bench = Bench(source)
    assert (await bench.tick_stuck(0)).absent == {"gpu": "still looking for a graphics card"}
    assert (await bench.tick(1)).absent == {"gpu": "still looking for a graphics card"}
    source.free.set()
    await settled(bench, 2)
    assert source.opened == 1


async def test_a_driver_that_hangs_later_shows_its_last_sample_until_that_is_stale() -> None:
    source = FakeSource("Big")
    bench = Bench(source)
    await bench.tick(0)
    source.free.clear()
    assert (await bench.tick_stuck(1)).values["gpu0_utilization_pct"] == 1
    assert (await bench.tick(3)).values["gpu0_utilization_pct"] == 1
    stale = await bench.tick(4)
    assert stale.values == {}
    assert stale.absent["gpu0_utilization_pct"] == "the graphics driver has stopped answering"
    source.free.set()
    await settled(bench, 5)


async def test_cancelling_a_tick_leaves_the_read_to_the_next_one() -> None:
    source = FakeSource("Big")
    source.free.clear()
    bench = Bench(source)
    collecting = asyncio.ensure_future(bench.collector.collect(0))
    await asyncio.sleep(0)
    collecting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await collecting
    source.free.set()
    await settled(bench, 1)
    assert source.opened == 1


async def settled(bench: Bench, now_s: float) -> None:
    """Tick until the values are there; the driver answers in its own time."""
    for _ in range(100_000):
        if "gpu0_utilization_pct" in (await bench.tick(now_s)).values:
            return
        await asyncio.sleep(0)
    pytest.fail("the driver did not come back")
