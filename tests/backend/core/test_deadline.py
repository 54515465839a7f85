from __future__ import annotations

import asyncio

import pytest
from fakes.clock import FakeClock

from llama_runner_pro.core.clock import SystemClock
from llama_runner_pro.core.deadline import Deadline


async def limited(clock: FakeClock, limit_s: float, takes_s: float) -> str:
    async with Deadline(clock, limit_s):
        await clock.sleep(takes_s)
    return "done"


async def test_work_that_ends_in_time_is_left_alone() -> None:
    clock = FakeClock()
    work = asyncio.ensure_future(limited(clock, 2.0, 1.0))
    await clock.advance(5)
    assert work.result() == "done"
    assert clock.sleeping == 0


async def test_work_that_takes_too_long_ends_with_a_timeout() -> None:
    clock = FakeClock()
    work = asyncio.ensure_future(limited(clock, 2.0, 3.0))
    await clock.advance(1.9)
    assert not work.done()
    await clock.advance(0.2)
    with pytest.raises(TimeoutError):
        work.result()


async def test_an_error_of_the_work_passes_through() -> None:
    with pytest.raises(ValueError, match="mine"):
        async with Deadline(FakeClock(), 1.0):
            raise ValueError("mine")


async def test_a_cancellation_from_outside_stays_a_cancellation() -> None:
    clock = FakeClock()
    work = asyncio.ensure_future(limited(clock, 2.0, 3.0))
    await clock.advance(1)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    await clock.advance(5)


async def test_a_cancellation_that_comes_with_the_timeout_wins() -> None:
    clock = FakeClock()

    async def stubborn() -> None:
        async with Deadline(clock, 1.0):
            try:
                await clock.sleep(10)
            finally:
                asyncio.ensure_future(asyncio.sleep(0)).add_done_callback(lambda _: work.cancel())
                await asyncio.sleep(0)
                await asyncio.sleep(0)
                await asyncio.sleep(0)

    work = asyncio.ensure_future(stubborn())
    await clock.advance(2)
    with pytest.raises(asyncio.CancelledError):
        await work


async def test_the_inner_of_two_deadlines_does_not_end_the_outer_one() -> None:
    clock = FakeClock()

    async def nested() -> str:
        async with Deadline(clock, 10.0):
            try:
                async with Deadline(clock, 1.0):
                    await clock.sleep(5)
            except TimeoutError:
                await clock.sleep(1)
                return "inner only"
        return "no timeout"

    work = asyncio.ensure_future(nested())
    await clock.advance(3)
    assert work.result() == "inner only"


async def test_no_time_at_all_means_a_timeout_as_soon_as_the_work_waits() -> None:
    with pytest.raises(TimeoutError):
        async with Deadline(SystemClock(), 0):
            await asyncio.Event().wait()
