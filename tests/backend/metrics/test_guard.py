from __future__ import annotations

import asyncio
import itertools
import logging

import pytest
from fakes.clock import FakeClock
from fakes.collector import FakeCollector

from llama_runner_pro.core.errors import CollectorError, ConnectRefused, SensorMissing
from llama_runner_pro.metrics.guard import CollectorGuard


class Guarded:
    """A guard, its collector and a clock."""

    def __init__(self, **options: object) -> None:
        self.clock = FakeClock()
        self.collector = FakeCollector(self.clock, **options)  # type: ignore[arg-type]
        self.guard = CollectorGuard(self.collector, self.clock)

    async def tick(self, after_s: float = 1.0) -> bool:
        """Collect when due; tells whether it was."""
        due = self.guard.due(self.clock.monotonic())
        if due:
            collecting = asyncio.ensure_future(self.guard.collect(self.clock.monotonic()))
            await self.clock.advance(0.6)
            await collecting
        await self.clock.advance(after_s - (0.6 if due else 0.0))
        return due


async def test_a_reading_is_kept_until_the_next_one() -> None:
    guarded = Guarded()
    await guarded.tick()
    assert guarded.guard.reading.values == {"cpu_usage_pct": 1}
    await guarded.tick()
    assert guarded.guard.reading.values == {"cpu_usage_pct": 2}


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (CollectorError("no answer"), "no answer"),
        (ConnectRefused("nobody listens"), "nobody listens"),
        (OSError("device is gone"), "device is gone"),
        (SensorMissing("no such sensor"), "no such sensor"),
    ],
)
async def test_a_failure_becomes_the_reason_for_missing_values(
    failure: Exception, reason: str
) -> None:
    guarded = Guarded()
    guarded.collector.failure = failure
    await guarded.tick()
    assert guarded.guard.reading.values == {}
    assert guarded.guard.reading.absent == {"cpu_usage_pct": reason}


async def test_a_collector_without_fields_gives_its_reason_under_its_own_name() -> None:
    guarded = Guarded()
    guarded.collector.declared = ()
    guarded.collector.failure = SensorMissing("no graphics card")
    await guarded.tick()
    assert guarded.guard.reading.absent == {"cpu": "no graphics card"}


async def test_a_collector_past_its_deadline_is_cut_off() -> None:
    guarded = Guarded()
    guarded.collector.takes_s = 60.0
    await guarded.tick()
    assert guarded.guard.reading.absent == {"cpu_usage_pct": "no reading within 0.5 s"}
    assert guarded.clock.sleeping == 0


async def test_a_bug_in_a_collector_is_logged_once_and_stops_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    guarded = Guarded()
    guarded.collector.failure = ZeroDivisionError("a bug")
    with caplog.at_level(logging.ERROR):
        await guarded.tick()
        await guarded.tick()
    assert guarded.guard.reading.absent == {
        "cpu_usage_pct": "the sensor could not be read (see the log)"
    }
    assert len(caplog.records) == 1


async def test_three_failures_in_a_row_pause_it_for_five_seconds_then_twice_as_long() -> None:
    guarded = Guarded()
    guarded.collector.failure = CollectorError("broken")
    ran = [await guarded.tick() for _ in range(40)]
    assert [second for second, due in enumerate(ran) if due] == [0, 1, 2, 7, 17, 37]


async def test_the_pause_never_exceeds_a_minute() -> None:
    guarded = Guarded()
    guarded.collector.failure = CollectorError("broken")
    ran = [second for second in range(600) if await guarded.tick()]
    gaps = [later - earlier for earlier, later in itertools.pairwise(ran)]
    assert gaps == [1, 1, 5, 10, 20, 40, *[60] * (len(gaps) - 6)]


async def test_the_reason_stays_while_it_is_paused() -> None:
    guarded = Guarded()
    guarded.collector.failure = CollectorError("broken")
    for _ in range(5):
        await guarded.tick()
    assert guarded.guard.reading.absent == {"cpu_usage_pct": "broken"}


async def test_one_success_ends_the_pauses() -> None:
    guarded = Guarded()
    guarded.collector.failure = CollectorError("broken")
    for _ in range(7):
        await guarded.tick()
    guarded.collector.failure = None
    assert [await guarded.tick() for _ in range(4)] == [True] * 4
    guarded.collector.failure = CollectorError("again")
    assert [await guarded.tick() for _ in range(4)] == [True, True, True, False]


async def test_two_failures_do_not_pause_it() -> None:
    guarded = Guarded()
    for _ in range(5):
        guarded.collector.failure = CollectorError("flaky")
        assert [await guarded.tick(), await guarded.tick()] == [True, True]
        guarded.collector.failure = None
        assert await guarded.tick()


async def test_a_missing_sensor_is_looked_for_again_after_a_minute() -> None:
    guarded = Guarded()
    guarded.collector.failure = SensorMissing("no such sensor")
    ran = [await guarded.tick() for _ in range(62)]
    assert [second for second, due in enumerate(ran) if due] == [0, 60]


async def test_a_slow_collector_runs_every_ten_seconds() -> None:
    guarded = Guarded(lane="slow")
    ran = [await guarded.tick() for _ in range(31)]
    assert [second for second, due in enumerate(ran) if due] == [0, 10, 20, 30]


async def test_cancelling_passes_through() -> None:
    guarded = Guarded(deadline_s=5.0)
    guarded.collector.takes_s = 3.0
    collecting = asyncio.ensure_future(guarded.guard.collect(0.0))
    await guarded.clock.advance(1)
    collecting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await collecting


async def test_a_collector_that_rests_after_failures_counts_as_paused() -> None:
    guarded = Guarded()
    guarded.collector.failure = CollectorError("broken")
    paused = []
    for _ in range(4):
        await guarded.tick()
        paused.append(guarded.guard.paused)
    assert paused == [False, False, True, True]
    guarded.collector.failure = None
    await guarded.clock.advance(10)
    await guarded.tick()
    assert not guarded.guard.paused


async def test_a_sensor_that_the_machine_lacks_does_not_count_as_paused() -> None:
    guarded = Guarded()
    guarded.collector.failure = SensorMissing("no such sensor")
    for _ in range(4):
        await guarded.tick(61.0)
    assert not guarded.guard.paused
