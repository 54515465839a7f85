"""The kernel's own count of processes that it ended for lack of memory."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.supervision.process.oom_counters import (
    OomCounters,
    group_of,
    read_counters,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("now", "before", "rose"),
    [
        (OomCounters(3, 1), OomCounters(3, 1), False),
        (OomCounters(4, 1), OomCounters(3, 1), True),
        (OomCounters(3, 2), OomCounters(3, 1), True),
        (OomCounters(None, 2), OomCounters(3, 1), True),
        (OomCounters(None, None), OomCounters(3, 1), False),
        (OomCounters(3, 1), OomCounters(None, None), False),
    ],
)
def test_either_count_tells(now: OomCounters, before: OomCounters, rose: bool) -> None:
    assert now.rose_since(before) is rose


def test_a_groups_own_count_is_read(tmp_path: Path) -> None:
    (tmp_path / "memory.events").write_text("low 0\noom 2\noom_kill 1\noom_group_kill 0\n")
    assert read_counters(tmp_path).group == 1


@pytest.mark.parametrize("text", ["", "low 0\n", "\udcff"])
def test_a_count_that_is_not_there_is_unknown(tmp_path: Path, text: str) -> None:
    (tmp_path / "memory.events").write_text(text, "utf-8", "surrogateescape")
    assert read_counters(tmp_path).group is None
    assert read_counters(tmp_path / "no such group").group is None
    assert read_counters(None).group is None


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells these counts")
def test_this_machine_tells_its_count() -> None:
    told = read_counters(group_of(os.getpid())).machine
    assert told is None or told >= 0
    assert group_of(2**30) is None
