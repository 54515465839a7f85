"""Noticing the end of the window's process."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from fakes.children import until
from fakes.clock import FakeClock

from llama_runner_pro.desktop.parent import LOOK_EVERY_S, until_gone
from llama_runner_pro.supervision.process.identity import identify

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    """Waits until it is killed; collected at the end only."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


async def test_it_returns_once_the_process_is_gone_also_as_a_zombie(
    process: subprocess.Popen[bytes],
) -> None:
    clock, window = FakeClock(), identify(process.pid)
    assert window is not None
    watching = asyncio.ensure_future(until_gone(window, clock))
    await until(lambda: clock.sleeping)
    await clock.advance(LOOK_EVERY_S)
    await until(lambda: clock.sleeping)
    assert not watching.done()
    process.kill()
    await asyncio.to_thread(os.waitid, os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    await clock.advance(LOOK_EVERY_S)
    async with asyncio.timeout(60):
        await watching


async def test_a_living_parent_is_watched_on() -> None:
    clock = FakeClock()
    parent = identify(os.getppid())
    assert parent is not None
    watching = asyncio.ensure_future(until_gone(parent, clock))
    await until(lambda: clock.sleeping)
    assert not watching.done()
    watching.cancel()
