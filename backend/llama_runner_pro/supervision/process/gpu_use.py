"""How much of a graphics card some processes use, as NVIDIA's driver tells."""

from __future__ import annotations

import asyncio
import importlib
from typing import TYPE_CHECKING, Any

from llama_runner_pro.core.deadline import Deadline
from llama_runner_pro.core.own_thread import in_own_thread

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection

    from llama_runner_pro.core.clock import Clock

    GpuPct = Callable[[Collection[int]], Awaitable[float | None]]
    """Some processes to the share of a graphics card that they use."""

_PATIENCE_S = 1.0
_WINDOW_S = 5


def load_nvml() -> Any:
    """The binding. Raises ImportError."""
    return importlib.import_module("pynvml")


class GpuUse:
    """One for all endpoints. The driver is opened at the first question and stays open."""

    def __init__(self, clock: Clock, load: Callable[[], Any] = load_nvml) -> None:
        self._clock, self._load = clock, load
        self._opened = False
        self._nvml: Any = None
        self._cards: list[Any] = []
        self._asking: asyncio.Future[int | None] | None = None

    async def pct(self, pids: Collection[int]) -> int | None:
        """The most that any of these processes used of any card in the last 5 s, in percent.

        None where nobody can tell: no such driver, one that does not answer within 1 s, or none
        of them seen on a card. Cancelling is safe.
        """
        if self._asking is not None and not self._asking.done():
            return None
        since_us = (self._clock.wall_ms() - _WINDOW_S * 1000) * 1000
        self._asking = in_own_thread("gpu-use", lambda: self._read(frozenset(pids), since_us))
        try:
            async with Deadline(self._clock, _PATIENCE_S):
                return await asyncio.shield(self._asking)
        except TimeoutError:
            return None

    def _read(self, pids: Collection[int], since_us: int) -> int | None:
        """NVML API reference: nvmlDeviceGetProcessUtilization. Blocking."""
        if not self._opened:
            self._opened = True
            self._open()
        used = [
            sample.smUtil
            for card in self._cards
            for sample in self._samples(card, since_us)
            if sample.pid in pids
        ]
        return max(used, default=None)

    def _open(self) -> None:
        try:
            nvml = self._load()
        except ImportError:
            return
        try:
            nvml.nvmlInit()
            count = nvml.nvmlDeviceGetCount()
            self._cards = [nvml.nvmlDeviceGetHandleByIndex(index) for index in range(count)]
        except nvml.NVMLError:
            return
        self._nvml = nvml

    def _samples(self, card: Any, since_us: int) -> list[Any]:
        try:
            return list(self._nvml.nvmlDeviceGetProcessUtilization(card, since_us))
        except self._nvml.NVMLError:
            # Nothing was computed lately, or this card does not count by process.
            return []
