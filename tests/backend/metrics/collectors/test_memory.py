from __future__ import annotations

import psutil
import pytest

from llama_runner_pro.metrics.collectors.memory import (
    MemorySensor,
    MemoryUse,
    SwapSensor,
    read_memory,
    read_swap,
)
from llama_runner_pro.metrics.collectors.sensor import Moment


def use(cached: int | None = 5) -> MemoryUse:
    return MemoryUse(
        total_bytes=100,
        used_bytes=60,
        available_bytes=40,
        usage_pct=60.0,
        cached_bytes=cached,
    )


def test_memory_is_told_in_bytes_and_as_a_share() -> None:
    reading = MemorySensor(use).read(Moment(0.0))
    assert reading.values == {
        "memory_usage_pct": 60.0,
        "memory_used_bytes": 60,
        "memory_available_bytes": 40,
        "memory_total_bytes": 100,
        "memory_cached_bytes": 5,
    }
    assert not reading.absent


def test_swap_is_told_in_bytes_and_as_a_share() -> None:
    reading = SwapSensor(lambda: (250, 1000)).read(Moment(0.0))
    assert reading.values == {
        "swap_used_bytes": 250,
        "swap_total_bytes": 1000,
        "swap_usage_pct": 25.0,
    }


def test_a_machine_without_swap_has_no_share_of_it() -> None:
    reading = SwapSensor(lambda: (0, 0)).read(Moment(0.0))
    assert reading.values == {"swap_used_bytes": 0, "swap_total_bytes": 0}
    assert reading.absent == {"swap_usage_pct": "this machine has no swap"}


def test_a_system_that_does_not_tell_its_cache_says_so() -> None:
    reading = MemorySensor(lambda: use(None)).read(Moment(0.0))
    assert reading.values["memory_cached_bytes"] is None
    assert "memory_cached_bytes" in reading.absent


def test_this_machine_has_the_memory_that_it_says() -> None:
    found = read_memory()
    assert found.total_bytes == psutil.virtual_memory().total
    assert 0 < found.available_bytes <= found.total_bytes
    assert found.usage_pct == pytest.approx(
        100 * (1 - found.available_bytes / found.total_bytes), abs=1
    )


def test_this_machine_uses_no_more_swap_than_it_has() -> None:
    used_bytes, total_bytes = read_swap()
    assert 0 <= used_bytes <= total_bytes
