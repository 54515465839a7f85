from __future__ import annotations

import asyncio
import threading

import pytest

from llama_runner_pro.core.errors import CollectorError
from llama_runner_pro.metrics.blocking import BlockingReads


async def test_a_read_runs_beside_the_event_loop_and_returns_its_result() -> None:
    assert await BlockingReads("x").run(threading.get_ident) != threading.get_ident()


async def test_all_reads_share_one_thread_that_does_not_hold_up_the_exit() -> None:
    reads = BlockingReads("x")
    first = await reads.run(threading.current_thread)
    assert await reads.run(threading.current_thread) is first
    assert first.daemon
    assert first.name == "sensor-x"


async def test_an_error_of_the_read_reaches_the_caller() -> None:
    def broken() -> None:
        raise OSError("no such device")

    reads = BlockingReads("x")
    with pytest.raises(OSError, match="no such device"):
        await reads.run(broken)
    assert await reads.run(lambda: 1) == 1


async def test_no_second_read_begins_while_one_is_stuck() -> None:
    reads = BlockingReads("x")
    release = threading.Event()
    stuck = reads.start(release.wait)
    with pytest.raises(CollectorError, match="has not come back"):
        await reads.run(lambda: 2)
    release.set()
    assert await stuck
    assert await reads.run(lambda: 3) == 3


async def test_giving_up_leaves_the_thread_to_finish_and_serve_again() -> None:
    reads = BlockingReads("x")
    begun, release, left = threading.Event(), threading.Event(), threading.Event()

    def slow() -> str:
        begun.set()
        release.wait()
        left.set()
        return "late"

    waiting = asyncio.ensure_future(reads.run(slow))
    await asyncio.to_thread(begun.wait)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    with pytest.raises(CollectorError):
        reads.start(lambda: None)
    release.set()
    await asyncio.to_thread(left.wait)
    while True:
        try:
            assert await reads.run(lambda: "next") == "next"
        except CollectorError:
            await asyncio.sleep(0)
        else:
            break


def test_a_read_that_outlives_its_loop_harms_nobody() -> None:
    reads = BlockingReads("x")
    release, left = threading.Event(), threading.Event()

    async def begin() -> None:
        reads.start(lambda: (release.wait(), left.set()))

    asyncio.run(begin())
    release.set()
    assert left.wait(60)
