"""What a process tree uses."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass

import msgspec
import psutil

from llama_runner_pro.supervision.process.identity import Identity, identify
from llama_runner_pro.supervision.process.vitals import cpu_s_and_pids, rss_bytes

CHILD = "sum(range(30_000_000)); print('done', flush=True); import time; time.sleep(60)"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {CHILD!r}])"


@dataclass
class Me:
    """This process, and another one that has its number."""

    now: Identity
    before: Identity


def me() -> Me:
    now = identify(os.getpid())
    assert now is not None
    return Me(now, msgspec.structs.replace(now, create_time=now.create_time - 1))


def test_resident_memory_of_that_very_process() -> None:
    told = rss_bytes(me().now)
    assert told is not None
    assert told > 1_000_000


def test_processor_time_counts_children_too() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"done\n"
        identity = identify(process.pid)
        whole, pids = cpu_s_and_pids(identity)
        for child in psutil.Process(process.pid).children():
            child.kill()
        process.wait(60)
    assert whole is not None
    assert whole > 0.1
    assert pids[0] == process.pid
    assert len(pids) == 2


def test_of_what_is_gone_nothing_is_known() -> None:
    for nobody in (None, me().before):
        assert rss_bytes(nobody) is None
        assert cpu_s_and_pids(nobody) == (None, [])
