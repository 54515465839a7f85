from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from fakes.clock import FakeClock

from llama_runner_pro.core.tasks import guarded

if TYPE_CHECKING:
    import pytest


async def test_a_body_that_returns_is_not_run_again() -> None:
    runs: list[int] = []

    async def body() -> None:
        runs.append(1)

    await guarded("loop", body, FakeClock())
    assert runs == [1]


async def test_a_body_that_fails_is_reported_and_run_again_after_a_pause(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = FakeClock()
    runs: list[float] = []

    async def body() -> None:
        runs.append(clock.monotonic())
        if len(runs) < 3:
            raise RuntimeError("a bug")

    with caplog.at_level(logging.ERROR):
        loop = asyncio.ensure_future(guarded("the monitor", body, clock, retry_s=2.0))
        await clock.advance(10)
    assert loop.done()
    assert runs == [0.0, 2.0, 4.0]
    assert [record.message for record in caplog.records] == [
        "the monitor stopped unexpectedly and is started again"
    ] * 2
    assert "a bug" in caplog.text


async def test_cancelling_ends_it_for_good() -> None:
    clock = FakeClock()
    runs: list[int] = []

    async def body() -> None:
        runs.append(1)
        await asyncio.Event().wait()

    loop = asyncio.ensure_future(guarded("loop", body, clock))
    await clock.advance(1)
    loop.cancel()
    await clock.advance(10)
    assert loop.cancelled()
    assert runs == [1]


async def test_a_body_that_fails_while_it_is_cancelled_is_reported_and_not_run_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = FakeClock()
    runs: list[int] = []

    async def body() -> None:
        runs.append(1)
        try:
            await asyncio.Event().wait()
        finally:
            raise TimeoutError("the disk hangs")

    loop = asyncio.ensure_future(guarded("loop", body, clock))
    await clock.advance(1)
    loop.cancel()
    await clock.advance(10)
    assert loop.cancelled()
    assert runs == [1]
    assert "the disk hangs" in caplog.text
