"""A source of graphics card values that can be missing, lost or stuck."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from llama_runner_pro.core.errors import SensorMissing
from llama_runner_pro.metrics.collectors.gpu_ports import GpuDetail, GpuLost, GpuSample

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class FakeGpuSource:
    """Counts up in `utilization_pct`; `memory_of` is what its first card tells of processes."""

    def __init__(self, *names: str, min_interval_s: float = 0.0) -> None:
        self.names = names
        self.min_interval_s = min_interval_s
        self.missing: str | None = None
        self.lost: str | None = None
        self.memory_of: Mapping[int, int | None] | None = None
        self.free = threading.Event()
        self.free.set()
        self.opened = self.closed = self.sampled = 0
        self.asked: list[frozenset[int]] = []

    def open(self) -> Sequence[str]:
        self.free.wait()
        if self.missing is not None:
            raise SensorMissing(self.missing)
        self.opened += 1
        return self.names

    def sample(self) -> Sequence[GpuSample]:
        self.free.wait()
        if self.lost is not None:
            raise GpuLost(self.lost)
        self.sampled += 1
        return [
            GpuSample(utilization_pct=self.sampled, reasons={"power_w": "no power meter"})
            for _ in self.names
        ]

    def detail(self, pids: frozenset[int]) -> Sequence[GpuDetail]:
        self.free.wait()
        if self.lost is not None:
            raise GpuLost(self.lost)
        self.asked.append(pids)
        return [GpuDetail(fan_pct=30, memory_of=self.memory_of) for _ in self.names]

    def close(self) -> None:
        self.closed += 1
