"""A bound for the memory of a process that runs already."""

from __future__ import annotations

import subprocess
import sys

import pytest

from llama_runner_pro.supervision.process.limits import limit_memory

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="no such limit elsewhere")

GREEDY = """
import sys
sys.stdin.readline()
try:
    block = bytearray(800_000_000)
except MemoryError:
    sys.exit(7)
sys.exit(0)
"""


def run_with(limit_bytes: int | None) -> int:
    with subprocess.Popen([sys.executable, "-c", GREEDY], stdin=subprocess.PIPE) as process:
        if limit_bytes is not None:
            assert limit_memory(process.pid, limit_bytes)
        process.communicate(b"go\n", timeout=120)
        return process.returncode


def test_an_allocation_beyond_the_limit_fails_inside_the_process() -> None:
    assert run_with(400_000_000) == 7
    assert run_with(None) == 0


def test_a_process_that_is_gone_cannot_be_limited() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait(60)
    assert not limit_memory(process.pid, 1_000_000)
