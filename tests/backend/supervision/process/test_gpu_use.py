"""What processes use of a graphics card."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field

from fakes.clock import FakeClock, settle
from fakes.nvml import DRIVER_NOT_LOADED, NOT_SUPPORTED, NvmlError

from llama_runner_pro.supervision.process.gpu_use import GpuUse, load_nvml


@dataclass
class Sample:
    """One process on one card, in NVML's own words."""

    pid: int
    smUtil: int


@dataclass
class Driver:
    """The few calls that are made; a card is the list of what it answers, or an error."""

    cards: list[list[Sample] | int] = field(default_factory=list)
    broken: bool = False
    since_us: int = 0
    answers: threading.Event | None = None
    NVMLError = NvmlError

    def nvmlInit(self) -> None:
        if self.broken:
            raise NvmlError(DRIVER_NOT_LOADED)

    def nvmlDeviceGetCount(self) -> int:
        return len(self.cards)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:
        return index

    def nvmlDeviceGetProcessUtilization(self, card: int, since_us: int) -> list[Sample]:
        if self.answers is not None:
            self.answers.wait()
        self.since_us = since_us
        told = self.cards[card]
        if isinstance(told, int):
            raise NvmlError(told)
        return told


def use(driver: Driver, clock: FakeClock | None = None) -> GpuUse:
    return GpuUse(clock or FakeClock(), lambda: driver)


async def test_the_most_of_any_card_counts_and_only_of_these_processes() -> None:
    driver = Driver([[Sample(7, 20), Sample(9, 99)], NOT_SUPPORTED, [Sample(8, 35)]])
    clock = FakeClock()
    assert await use(driver, clock).pct([7, 8]) == 35
    assert driver.since_us == (clock.wall_ms() - 5000) * 1000


async def test_nobody_can_tell_without_a_driver_or_of_a_process_not_seen_on_a_card() -> None:
    def none() -> Driver:
        raise ImportError("pynvml")

    assert await GpuUse(FakeClock(), none).pct([7]) is None
    assert await use(Driver([[Sample(7, 20)]], broken=True)).pct([7]) is None
    assert await use(Driver([[Sample(7, 20)]])).pct([8]) is None


async def test_a_driver_that_hangs_is_waited_for_once_and_briefly() -> None:
    driver, clock = Driver([[Sample(7, 20)]], answers=threading.Event()), FakeClock()
    gpu = use(driver, clock)
    first = asyncio.ensure_future(gpu.pct([7]))
    await settle()
    assert await gpu.pct([7]) is None
    await clock.advance(1.0)
    assert await first is None
    assert driver.answers is not None
    driver.answers.set()


def test_the_binding_is_the_one_that_the_package_brings() -> None:
    assert hasattr(load_nvml(), "nvmlDeviceGetProcessUtilization")
