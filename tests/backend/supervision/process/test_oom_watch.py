"""Whether memory ran out about when a process was killed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.supervision.process.oom_watch import OomWatch

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def group(tmp_path: Path) -> Path:
    count(tmp_path, 5)
    return tmp_path


def count(group: Path, kills: int) -> None:
    (group / "memory.events").write_text(f"oom_kill {kills}\n")


def test_without_a_kill_nothing_rose(group: Path) -> None:
    watch = OomWatch(group)
    watch.look()
    assert not watch.rose()


def test_a_kill_is_seen_also_when_a_look_fell_in_between(group: Path) -> None:
    watch = OomWatch(group)
    watch.look()
    count(group, 6)
    assert watch.rose()
    watch.look()
    assert watch.rose()


def test_a_kill_of_long_ago_is_forgotten(group: Path) -> None:
    watch = OomWatch(group)
    count(group, 6)
    watch.look()
    watch.look()
    assert not watch.rose()
