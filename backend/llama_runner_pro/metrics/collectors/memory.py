"""Main memory at every tick, and swap on the slow lane: reading it takes twice as long."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil

from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.metrics.model import Field, Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from llama_runner_pro.endpoints.ports import MetricTarget
    from llama_runner_pro.metrics.collectors.sensor import Moment
    from llama_runner_pro.metrics.model import Value

_FIELDS = (
    Field("memory_usage_pct", "pct", "Memory", "memory"),
    Field("memory_used_bytes", "bytes", "Memory used", "memory"),
    Field("memory_available_bytes", "bytes", "Memory available", "memory"),
    Field("memory_total_bytes", "bytes", "Memory installed", "memory"),
    Field("memory_cached_bytes", "bytes", "Memory used as file cache", "memory"),
)
_SWAP_FIELDS = (
    Field("swap_used_bytes", "bytes", "Swap used", "memory"),
    Field("swap_total_bytes", "bytes", "Swap size", "memory"),
    Field("swap_usage_pct", "pct", "Swap", "memory"),
)


class MemoryUse(ValueObject, frozen=True):
    """One look at memory; `cached_bytes` is None where the system does not tell."""

    total_bytes: int
    used_bytes: int
    available_bytes: int
    usage_pct: float
    cached_bytes: int | None


def read_memory() -> MemoryUse:
    """Ask psutil."""
    memory = psutil.virtual_memory()
    return MemoryUse(
        total_bytes=memory.total,
        used_bytes=memory.used,
        available_bytes=memory.available,
        usage_pct=memory.percent,
        cached_bytes=getattr(memory, "cached", None),
    )


def read_swap() -> tuple[int, int]:
    """Bytes of swap used and in all."""
    swap = psutil.swap_memory()
    return swap.used, swap.total


class MemorySensor:
    """Memory as the operating system counts it: `used` leaves out what can be freed at once."""

    name = "memory"

    def __init__(self, source: Callable[[], MemoryUse] = read_memory) -> None:
        self._source = source

    def fields(self, targets: Sequence[MetricTarget]) -> Sequence[Field]:
        """Memory."""
        return _FIELDS

    def read(self, moment: Moment) -> Reading:
        """Measure once."""
        use = self._source()
        values: dict[str, Value] = {
            "memory_usage_pct": use.usage_pct,
            "memory_used_bytes": use.used_bytes,
            "memory_available_bytes": use.available_bytes,
            "memory_total_bytes": use.total_bytes,
            "memory_cached_bytes": use.cached_bytes,
        }
        absent: dict[str, str] = {}
        if use.cached_bytes is None:
            absent["memory_cached_bytes"] = "this operating system does not tell it"
        return Reading(values, absent)


class SwapSensor:
    """Swap in use. Much of it makes a model slow, so it is worth a look."""

    name = "swap"

    def __init__(self, source: Callable[[], tuple[int, int]] = read_swap) -> None:
        self._source = source

    def fields(self, targets: Sequence[MetricTarget]) -> Sequence[Field]:
        """Used, total and share."""
        return _SWAP_FIELDS

    def read(self, moment: Moment) -> Reading:
        """Measure once; a machine without swap has sizes of 0 and no share."""
        used_bytes, total_bytes = self._source()
        values: dict[str, Value] = {"swap_used_bytes": used_bytes, "swap_total_bytes": total_bytes}
        if total_bytes == 0:
            return Reading(values, {"swap_usage_pct": "this machine has no swap"})
        return Reading(values | {"swap_usage_pct": 100.0 * used_bytes / total_bytes})
