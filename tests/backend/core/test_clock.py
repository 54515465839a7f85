from __future__ import annotations

import asyncio
import time

from fakes.clock import FakeClock

from llama_runner_pro.core.clock import SystemClock


def test_wall_time_is_in_milliseconds_since_the_epoch() -> None:
    before_ms = time.time() * 1000 - 1
    assert before_ms <= SystemClock().wall_ms() <= time.time() * 1000 + 1


def test_monotonic_time_never_goes_back() -> None:
    clock = SystemClock()
    times_s = [clock.monotonic() for _ in range(100)]
    assert times_s == sorted(times_s)


async def test_sleeping_lets_others_run() -> None:
    ran = asyncio.Event()

    async def other() -> None:
        ran.set()

    async with asyncio.TaskGroup() as group:
        group.create_task(other())
        await SystemClock().sleep(0)
        assert ran.is_set()


async def test_a_sleep_of_less_than_nothing_ends_at_once() -> None:
    await SystemClock().sleep(-5)


async def test_the_fake_clock_wakes_sleepers_in_the_order_of_their_due_times() -> None:
    clock = FakeClock()
    woken: list[tuple[str, float]] = []

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((name, clock.monotonic()))

    async with asyncio.TaskGroup() as group:
        group.create_task(sleeper("late", 3))
        group.create_task(sleeper("early", 1))
        await clock.advance(2)
        assert woken == [("early", 1.0)]
        await clock.advance(2)
    assert woken == [("early", 1.0), ("late", 3.0)]


async def test_the_fake_clock_wakes_those_who_fall_asleep_again_on_the_way() -> None:
    clock = FakeClock()
    beats: list[float] = []

    async def drum() -> None:
        while len(beats) < 5:
            await clock.sleep(1)
            beats.append(clock.monotonic())

    async with asyncio.TaskGroup() as group:
        group.create_task(drum())
        await clock.advance(5)
    assert beats == [1.0, 2.0, 3.0, 4.0, 5.0]


async def test_the_fake_clock_forgets_a_cancelled_sleeper() -> None:
    clock = FakeClock()
    sleeper = asyncio.ensure_future(clock.sleep(1))
    await clock.advance(0)
    assert clock.sleeping == 1
    sleeper.cancel()
    await clock.advance(0)
    assert clock.sleeping == 0
    await clock.advance(2)
    assert clock.monotonic() == 2.0


async def test_the_fake_clock_moves_wall_time_along() -> None:
    clock = FakeClock(wall_ms=1_000)
    await clock.advance(1.5)
    assert clock.wall_ms() == 2_500
