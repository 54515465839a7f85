from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import pytest
from fakes.clock import FakeClock
from fakes.collector import FakeCollector

from llama_runner_pro.core.errors import CollectorError
from llama_runner_pro.metrics.catalogue import Catalogue
from llama_runner_pro.metrics.history import RecentHistory
from llama_runner_pro.metrics.model import Field
from llama_runner_pro.metrics.sampler import Sampler

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from llama_runner_pro.metrics.model import Snapshot


class Bench:
    """A sampler with everything around it in memory."""

    def __init__(self, *collectors: FakeCollector, clock: FakeClock) -> None:
        self.clock = clock
        self.catalogue = Catalogue()
        self.history = RecentHistory()
        self.sampler = Sampler(collectors, self.catalogue, self.history, clock)
        self.seen: list[Snapshot] = []
        self.ticked_at_s: list[float] = []
        self.sampler.topic.listen(self.note)

    def note(self, snapshot: Snapshot) -> None:
        """Keep what was published and when."""
        self.seen.append(snapshot)
        self.ticked_at_s.append(round(self.clock.monotonic(), 3))

    @asynccontextmanager
    async def running(self, demand_s: float | None = 1.0) -> AsyncIterator[None]:
        """Run the sampler; its first tick is done when the block begins."""
        self.sampler.set_demand(demand_s)
        task = asyncio.ensure_future(self.sampler.run())
        await self.clock.advance(0)
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


async def test_ticks_come_every_second_from_the_start(clock: FakeClock) -> None:
    bench = Bench(FakeCollector(clock), clock=clock)
    async with bench.running():
        await clock.advance(5)
    assert bench.ticked_at_s == [0, 1, 2, 3, 4, 5]


async def test_slow_work_does_not_make_ticks_drift(clock: FakeClock) -> None:
    collector = FakeCollector(clock)
    collector.takes_s = 0.3
    bench = Bench(collector, clock=clock)
    async with bench.running():
        await clock.advance(4.5)
    assert collector.started_at_s == [0, 1, 2, 3, 4]
    assert bench.ticked_at_s == [0.3, 1.3, 2.3, 3.3, 4.3]
    assert bench.sampler.overruns == 0


async def test_missed_ticks_are_skipped_and_counted(clock: FakeClock) -> None:
    collector = FakeCollector(clock, deadline_s=5.0)
    collector.takes_s = 2.5
    bench = Bench(collector, clock=clock)
    async with bench.running():
        await clock.advance(2.5)
        collector.takes_s = 0.0
        await clock.advance(1.5)
    assert collector.started_at_s == [0, 3, 4]
    assert bench.sampler.overruns == 2
    assert bench.seen[-1].values["self_overruns_total"] == 2


async def test_a_tick_that_comes_late_says_by_how_much(clock: FakeClock) -> None:
    bench = Bench(FakeCollector(clock), clock=clock)
    async with bench.running():
        clock.skip(1.25)
        await clock.advance(0)
        await clock.advance(0.001)
    assert bench.seen[-1].late_ms == pytest.approx(250, abs=2)


async def test_sequence_numbers_rise_by_one(clock: FakeClock) -> None:
    bench = Bench(FakeCollector(clock), clock=clock)
    async with bench.running():
        await clock.advance(4)
        bench.sampler.set_demand(None)
        await clock.advance(20)
    assert [snapshot.seq for snapshot in bench.seen] == list(range(1, len(bench.seen) + 1))


async def test_a_collector_past_its_deadline_takes_nothing_from_the_others(
    clock: FakeClock,
) -> None:
    good = FakeCollector(clock, "cpu_usage_pct")
    stuck = FakeCollector(clock, "gpu0_power_w", deadline_s=0.2)
    stuck.takes_s = 60.0
    bench = Bench(good, stuck, clock=clock)
    async with bench.running():
        await clock.advance(2.5)
    assert bench.ticked_at_s == [0.2, 1.2, 2.2]
    assert [snapshot.values["cpu_usage_pct"] for snapshot in bench.seen] == [1, 2, 3]
    assert bench.seen[-1].values["gpu0_power_w"] is None
    assert bench.seen[-1].absent == {"gpu0_power_w": "no reading within 0.2 s"}


async def test_collectors_run_side_by_side(clock: FakeClock) -> None:
    collectors = [FakeCollector(clock, f"c{number}_count") for number in range(4)]
    for collector in collectors:
        collector.takes_s = 0.4
    bench = Bench(*collectors, clock=clock)
    async with bench.running():
        await clock.advance(0.5)
    assert bench.ticked_at_s == [0.4]


async def test_a_failing_collector_is_paused_and_comes_back(clock: FakeClock) -> None:
    flaky, good = FakeCollector(clock, "net_count"), FakeCollector(clock)
    flaky.failure = CollectorError("unplugged")
    bench = Bench(flaky, good, clock=clock)
    async with bench.running():
        await clock.advance(4)
        assert flaky.started_at_s == [0, 1, 2]
        assert bench.seen[-1].absent == {"net_count": "unplugged"}
        flaky.failure = None
        await clock.advance(4)
    assert flaky.started_at_s == [0, 1, 2, 7, 8]
    assert bench.seen[-1].values["net_count"] == 2
    assert not bench.seen[-1].absent
    assert len(good.started_at_s) == 9


async def test_nobody_watching_means_a_tick_every_ten_seconds(clock: FakeClock) -> None:
    bench = Bench(FakeCollector(clock), clock=clock)
    async with bench.running(demand_s=None):
        await clock.advance(35)
    assert bench.ticked_at_s == [0, 10, 20, 30]


async def test_a_viewer_brings_the_fast_lane_back_at_once(clock: FakeClock) -> None:
    bench = Bench(FakeCollector(clock), clock=clock)
    async with bench.running(demand_s=None):
        await clock.advance(4.4)
        bench.sampler.set_demand(1.0)
        await clock.advance(2)
    assert bench.ticked_at_s == [0, 4.4, 5.4, 6.4]


async def test_a_viewer_right_after_a_tick_waits_for_one_interval(clock: FakeClock) -> None:
    bench = Bench(FakeCollector(clock), clock=clock)
    async with bench.running(demand_s=None):
        await clock.advance(0.3)
        bench.sampler.set_demand(1.0)
        await clock.advance(1.2)
    assert bench.ticked_at_s == [0, 1]


async def test_when_the_last_viewer_leaves_the_pace_drops(clock: FakeClock) -> None:
    bench = Bench(FakeCollector(clock), clock=clock)
    async with bench.running():
        await clock.advance(2)
        bench.sampler.set_demand(None)
        await clock.advance(21)
    assert bench.ticked_at_s == [0, 1, 2, 12, 22]


async def test_asking_for_the_same_pace_again_disturbs_nothing(clock: FakeClock) -> None:
    bench = Bench(FakeCollector(clock), clock=clock)
    async with bench.running():
        for _ in range(8):
            await clock.advance(0.25)
            bench.sampler.set_demand(1.0)
    assert bench.ticked_at_s == [0, 1, 2]


@pytest.mark.parametrize(("asked_s", "got_s"), [(0.001, 0.1), (2.0, 2.0), (60.0, 10.0)])
async def test_the_pace_is_kept_within_bounds(
    clock: FakeClock, asked_s: float, got_s: float
) -> None:
    bench = Bench(FakeCollector(clock), clock=clock)
    bench.sampler.set_demand(asked_s)
    assert bench.sampler.interval_s == got_s


async def test_slow_collectors_keep_their_own_pace_and_their_last_value_shows(
    clock: FakeClock,
) -> None:
    slow = FakeCollector(clock, "disk_usage_pct", lane="slow")
    bench = Bench(slow, clock=clock)
    async with bench.running():
        await clock.advance(12)
    assert slow.started_at_s == [0, 10]
    assert [snapshot.values["disk_usage_pct"] for snapshot in bench.seen] == [1] * 10 + [2] * 3


async def test_every_snapshot_goes_into_the_history(clock: FakeClock) -> None:
    bench = Bench(FakeCollector(clock), clock=clock)
    async with bench.running():
        await clock.advance(3)
    times_ms, columns = bench.history.since(0)
    assert times_ms == [snapshot.wall_ms for snapshot in bench.seen]
    assert columns["cpu_usage_pct"] == [1, 2, 3, 4]
    assert bench.sampler.latest is bench.seen[-1]


async def test_fields_that_come_and_go_are_followed(clock: FakeClock) -> None:
    collector = FakeCollector(clock)
    bench = Bench(collector, clock=clock)
    async with bench.running():
        version = bench.catalogue.version
        await clock.advance(1)
        assert bench.catalogue.version == version
        collector.declared = (Field("endpoint/a/fds", "count", "Open files", "endpoint"),)
        await clock.advance(1)
    assert "endpoint/a/fds" in bench.seen[-1].values
    assert "cpu_usage_pct" not in bench.seen[-1].values
    assert bench.catalogue.id_of("cpu_usage_pct") is None
    assert bench.catalogue.version > version


async def test_a_declared_field_without_reading_is_shown_as_missing(clock: FakeClock) -> None:
    collector = FakeCollector(clock)
    collector.failure = CollectorError("no")
    bench = Bench(collector, clock=clock)
    async with bench.running():
        assert bench.seen[0].values["cpu_usage_pct"] is None


async def test_cancelling_stops_a_tick_that_is_under_way(clock: FakeClock) -> None:
    collector = FakeCollector(clock, deadline_s=5.0)
    collector.takes_s = 3.0
    bench = Bench(collector, clock=clock)
    async with bench.running():
        await clock.advance(1)
    assert bench.seen == []
    assert clock.sleeping == 0


async def test_collectors_that_rest_after_failures_are_counted(clock: FakeClock) -> None:
    broken, good = FakeCollector(clock), FakeCollector(clock, "memory_used_bytes")
    broken.failure = CollectorError("broken")
    bench = Bench(broken, good, clock=clock)
    async with bench.running():
        await clock.advance(3)
    shown = [snapshot.values["self_collectors_paused"] for snapshot in bench.seen]
    assert shown == [0, 0, 1, 1]


async def test_a_sample_can_be_had_at_once_and_the_pace_goes_on_from_there(
    clock: FakeClock,
) -> None:
    bench = Bench(FakeCollector(clock), clock=clock)
    async with bench.running(10.0):
        await clock.advance(4)
        asked = [asyncio.ensure_future(bench.sampler.sample()) for _ in range(2)]
        await clock.advance(0)
        assert all(one.done() for one in asked)
        await clock.advance(10)
    assert bench.ticked_at_s == [0, 4, 14]
