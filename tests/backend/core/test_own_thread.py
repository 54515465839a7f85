"""Blocking calls beside the loop."""

from __future__ import annotations

import asyncio
import gc
import threading

import pytest

from llama_runner_pro.core.own_thread import in_own_thread


async def test_result_and_error_are_carried_over() -> None:
    assert await in_own_thread("t", lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        await in_own_thread("t", lambda: 1 // 0)


async def test_result_that_nobody_wants_any_more_is_dropped() -> None:
    goes_on = threading.Event()
    waiting = in_own_thread("t", goes_on.wait)
    waiting.cancel()
    goes_on.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await in_own_thread("t", lambda: 1) == 1


async def test_error_that_nobody_comes_for_is_dropped() -> None:
    told: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
    goes_on = threading.Event()

    def fail() -> None:
        goes_on.wait()
        raise OSError

    failing = in_own_thread("failing", fail)
    (thread,) = (one for one in threading.enumerate() if one.name == "failing")
    goes_on.set()
    await asyncio.wait((failing,))
    thread.join(60)
    del failing
    gc.collect()
    assert told == []


def test_thread_that_outlives_its_loop_ends_quietly() -> None:
    goes_on = threading.Event()

    async def leave() -> threading.Thread:
        in_own_thread("outliving", goes_on.wait)
        return next(thread for thread in threading.enumerate() if thread.name == "outliving")

    thread = asyncio.run(leave())
    goes_on.set()
    thread.join(60)
    assert not thread.is_alive()
