"""Noticing the end of real processes."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING

import msgspec
import psutil
import pytest
import uvloop
from fakes.children import Launcher

from llama_runner_pro.supervision.process.exit_watch import (
    ExitStatus,
    block_until_gone,
    exit_status,
    wait_exit,
    wait_gone,
)
from llama_runner_pro.supervision.process.identity import identify

if TYPE_CHECKING:
    from pathlib import Path

SLEEPER = "import time; print('ready', flush=True); time.sleep(600)"


async def test_exit_code_is_told(launcher: Launcher) -> None:
    process = await launcher.run(sys.executable, "-c", "raise SystemExit(7)")
    assert await wait_exit(process) == ExitStatus(code=7)


async def test_killing_signal_is_told_by_name(launcher: Launcher) -> None:
    process = await launcher.python(SLEEPER)
    waiting = asyncio.ensure_future(wait_exit(process))
    os.kill(process.pid, signal.SIGKILL)
    assert await waiting == ExitStatus(signal="SIGKILL")


async def test_child_is_collected_so_that_no_zombie_stays(launcher: Launcher) -> None:
    process = await launcher.run(sys.executable, "-c", "")
    await wait_exit(process)
    assert not psutil.pid_exists(process.pid)


async def test_two_may_wait_for_the_same_child(launcher: Launcher) -> None:
    process = await launcher.python(SLEEPER)
    both = asyncio.gather(wait_exit(process), wait_exit(process))
    os.kill(process.pid, signal.SIGTERM)
    assert await both == [ExitStatus(signal="SIGTERM")] * 2


async def test_cancelled_wait_leaves_the_child_and_a_later_wait_in_order(
    launcher: Launcher,
) -> None:
    process = await launcher.python(SLEEPER)
    waiting = asyncio.ensure_future(wait_exit(process))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert process.popen.poll() is None
    # Not SIGINT: what is started in the background of a shell may ignore it.
    os.kill(process.pid, signal.SIGTERM)
    assert await wait_exit(process) == ExitStatus(signal="SIGTERM")


async def test_exit_of_a_process_that_is_not_our_child_is_noticed(launcher: Launcher) -> None:
    parent = await launcher.python(
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(child.pid, 'ready', flush=True); time.sleep(600)"
    )
    adopted = identify(int(parent.log_path.read_text().split()[0]))
    assert adopted is not None
    waiting = asyncio.ensure_future(wait_exit(adopted))
    os.kill(adopted.pid, signal.SIGKILL)
    assert await waiting == ExitStatus()


async def test_wait_for_an_earlier_owner_of_a_number_is_over_at_once(launcher: Launcher) -> None:
    process = await launcher.python(SLEEPER)
    earlier = msgspec.structs.replace(process.identity, create_time=1.0)
    await wait_gone(earlier)
    assert process.popen.poll() is None


async def test_thread_may_block_until_a_process_is_gone(launcher: Launcher) -> None:
    process = await launcher.python(SLEEPER)
    waiting = asyncio.create_task(asyncio.to_thread(block_until_gone, process.identity))
    os.kill(process.pid, signal.SIGKILL)
    await waiting
    assert identify(process.pid) is None
    block_until_gone(process.identity)


def test_exit_is_noticed_on_uvloop_too(tmp_path: Path) -> None:
    launcher = Launcher(tmp_path)

    async def scene() -> ExitStatus:
        process = await launcher.python(SLEEPER)
        waiting = asyncio.ensure_future(wait_exit(process))
        os.kill(process.pid, signal.SIGKILL)
        return await waiting

    try:
        assert uvloop.run(scene()) == ExitStatus(signal="SIGKILL")
    finally:
        launcher.clean()


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (ExitStatus(code=0), "exit code 0"),
        (ExitStatus(code=1), "exit code 1"),
        (ExitStatus(signal="SIGSEGV"), "killed by SIGSEGV"),
        (ExitStatus(), "ended"),
        (ExitStatus(code=0xC0000005), "exit code 0xC0000005 (access violation)"),
        (ExitStatus(code=-1073740791), "exit code 0xC0000409 (stack buffer overrun)"),
    ],
)
def test_status_is_said_in_words(status: ExitStatus, words: str) -> None:
    assert str(status) == words


@pytest.mark.parametrize(
    ("returncode", "status"),
    [
        (None, ExitStatus()),
        (3, ExitStatus(code=3)),
        (-9, ExitStatus(signal="SIGKILL")),
        (-200, ExitStatus(signal="signal 200")),
    ],
)
def test_return_code_becomes_a_code_or_a_signal(returncode: int | None, status: ExitStatus) -> None:
    assert exit_status(returncode) == status
