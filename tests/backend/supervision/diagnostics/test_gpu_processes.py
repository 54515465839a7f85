"""Who holds memory of a graphics card."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from llama_runner_pro.supervision.diagnostics.gpu_processes import (
    GpuProcess,
    gpu_processes,
    in_words,
    left_behind,
    listed,
)

GONE = 2**22 + 1


class DriverError(Exception):
    """As the binding raises them."""


@dataclass
class Running:
    """As the driver tells of a process."""

    pid: int
    usedGpuMemory: int | None


class Driver:
    """The calls of `pynvml` that are made."""

    NVMLError = DriverError

    def __init__(self, *cards: list[Running], fails_at: str = "") -> None:
        self._cards, self._fails_at = cards, fails_at
        self.opened = 0

    def _call(self, name: str) -> None:
        if name == self._fails_at:
            raise DriverError(name)

    def nvmlInit(self) -> None:
        self._call("init")
        self.opened += 1

    def nvmlShutdown(self) -> None:
        self.opened -= 1

    def nvmlDeviceGetCount(self) -> int:
        return len(self._cards)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:
        return index

    def nvmlDeviceGetComputeRunningProcesses(self, handle: int) -> list[Running]:
        self._call("processes")
        return self._cards[handle]


def missing() -> Any:
    """No binding."""
    raise ImportError("pynvml")


def test_processes_of_all_cards_are_found_and_the_driver_is_let_go() -> None:
    driver = Driver([Running(10, 5)], [], [Running(11, None), Running(10, 7)])
    assert gpu_processes(lambda: driver) == [
        GpuProcess(10, 0, 5),
        GpuProcess(11, 2, None),
        GpuProcess(10, 2, 7),
    ]
    assert driver.opened == 0


def test_without_a_driver_or_binding_there_are_none() -> None:
    assert gpu_processes(missing) == []
    assert gpu_processes(lambda: Driver(fails_at="init")) == []
    lost = Driver([Running(1, 1)], fails_at="processes")
    assert gpu_processes(lambda: lost) == []
    assert lost.opened == 0


def test_only_ours_that_are_gone_are_left_behind() -> None:
    seen = [GpuProcess(10, 0, 5), GpuProcess(11, 0, 5), GpuProcess(12, 0, 5)]
    assert left_behind(seen, {10, 11, None}, lambda pid: pid == 11) == [GpuProcess(10, 0, 5)]


def test_each_is_told_with_its_memory_and_name() -> None:
    assert in_words(GpuProcess(10, 1, 1_540_000_000)) == "pid 10 holds 1.5 GB of graphics card 1"
    assert in_words(GpuProcess(10, 1, None)) == "pid 10 holds memory of graphics card 1"
    lines = listed([GpuProcess(os.getpid(), 0, 1), GpuProcess(GONE, 0, 1)]).splitlines()
    assert len(lines) == 2
    assert lines[1].endswith("(gone)")
    assert listed([]) == "No process computes on an NVIDIA card.\n"
