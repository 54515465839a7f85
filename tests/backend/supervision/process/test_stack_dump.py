"""A hanging process says where it hangs before it is killed; who would die of that is spared."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from fakes.children import NONCE
from fakes.slow_clock import ListeningClock

from llama_runner_pro.core.clock import SystemClock
from llama_runner_pro.supervision.process.identity import same_life
from llama_runner_pro.supervision.process.output import EndpointOutput
from llama_runner_pro.supervision.process.stack_dump import (
    SPEAKS_WITHIN_S,
    catches_quit,
    dump_stacks,
)

if TYPE_CHECKING:
    from fakes.children import Launcher

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell")
CLOCK = SystemClock()
MUTE = "import time; print('ready', flush=True); time.sleep(600)"
SPEAKER = "import faulthandler, signal; faulthandler.register(signal.SIGQUIT); " + MUTE


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("Name:\tx\nSigCgt:\t0000000000000004\n", True),
        ("SigCgt:\tffffffffffffffff\n", True),
        ("SigCgt:\t0000000000000002\nSigIgn:\t0000000000000004\n", False),
        ("SigCgt:\t0000000000000000\n", False),
        ("Name:\tx\n", False),
        ("", False),
    ],
)
def test_only_a_program_that_handles_the_signal_is_sent_it(status: str, expected: bool) -> None:
    assert catches_quit(status) is expected


@linux_only
async def test_what_it_prints_is_returned_and_it_lives_on(launcher: Launcher) -> None:
    process = await launcher.python(SPEAKER)
    output = EndpointOutput(process.log_path)
    clock = ListeningClock(process.log_path, "first):\n", SPEAKS_WITHIN_S)
    lines = await dump_stacks([process.identity], NONCE, output, clock)
    assert any("most recent call first" in line for line in lines)
    assert "ready" not in lines
    assert same_life(process.identity)


@linux_only
async def test_one_that_would_die_of_it_is_left_alone(launcher: Launcher) -> None:
    process = await launcher.python(MUTE)
    output = EndpointOutput(process.log_path)
    assert await dump_stacks([process.identity], NONCE, output, CLOCK) == []
    assert same_life(process.identity)


@linux_only
@pytest.mark.parametrize("nonce", ["", "another-nonce"])
async def test_one_that_we_did_not_start_is_left_alone(launcher: Launcher, nonce: str) -> None:
    process = await launcher.python(SPEAKER)
    output = EndpointOutput(process.log_path)
    assert await dump_stacks([process.identity], nonce, output, CLOCK) == []
    assert "most recent call" not in process.log_path.read_text()
