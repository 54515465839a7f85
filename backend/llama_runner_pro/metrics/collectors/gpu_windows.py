"""Cards of every maker on Windows, through its performance counters (PDH).

NVIDIA's library does not tell the memory of single processes on Windows; these counters do.
Names are asked for in English, whatever language Windows speaks. See Microsoft's reference of
`pdh.h`: PdhAddEnglishCounterW, PdhGetFormattedCounterArrayW.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from llama_runner_pro.core.errors import SensorMissing
from llama_runner_pro.metrics.collectors.gpu_ports import GpuDetail, GpuLost, GpuSample
from llama_runner_pro.metrics.collectors.pdh import PdhQuery
from llama_runner_pro.metrics.collectors.pdh_answers import (
    NVIDIA,
    Adapter,
    Counters,
    adapters_of,
    details_of,
    samples_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from llama_runner_pro.metrics.collectors.gpu_ports import GpuSource

ENGINE = r"\GPU Engine(*)\Utilization Percentage"
ADAPTER_MEMORY = r"\GPU Adapter Memory(*)\Dedicated Usage"
PROCESS_MEMORY = r"\GPU Process Memory(*)\Dedicated Usage"
SAME_LOOK_S = 0.5
"""Reading a share twice within a moment would measure that moment."""
_DIRECTX = r"SOFTWARE\Microsoft\DirectX"


class CounterQuery(Protocol):
    """An open query over the counters above."""

    def read(self) -> Mapping[str, Mapping[str, float]]:
        """Values by counter and instance. Raises `GpuLost`."""
        ...

    def close(self) -> None:
        """Let the counters go."""
        ...


def read_adapters() -> list[dict[str, object]]:
    """The registry's entries for graphics adapters; empty elsewhere than on Windows."""
    entries: list[dict[str, object]] = []
    if sys.platform == "win32":
        import winreg

        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, _DIRECTX) as directx:
            for index in range(winreg.QueryInfoKey(directx)[0]):
                with winreg.OpenKey(directx, winreg.EnumKey(directx, index)) as key:
                    count = winreg.QueryInfoKey(key)[1]
                    values = (winreg.EnumValue(key, number) for number in range(count))
                    entries.append({name: value for name, value, _ in values})
    return entries


def open_query() -> CounterQuery:
    """A query over all three counters. Raises `SensorMissing`."""
    return PdhQuery((ENGINE, ADAPTER_MEMORY, PROCESS_MEMORY))


class PdhSource:
    """The cards that Windows knows: NVIDIA's only, or all others."""

    min_interval_s = 0.0

    def __init__(
        self,
        monotonic: Callable[[], float],
        *,
        of_nvidia: bool,
        query: Callable[[], CounterQuery] = open_query,
        adapters: Callable[[], list[dict[str, object]]] = read_adapters,
    ) -> None:
        self._monotonic = monotonic
        self._of_nvidia = of_nvidia
        self._open_query = query
        self._list_adapters = adapters
        self._query: CounterQuery | None = None
        self._adapters: list[Adapter] = []
        self._counters = Counters({}, {}, {})
        self._read_s = float("-inf")

    def open(self) -> Sequence[str]:
        """Start the counters. Raises `SensorMissing`."""
        query = self._open_query()
        try:
            found = adapters_of(self._list_adapters())
        except OSError as error:
            query.close()
            raise SensorMissing(f"Windows does not list its graphics cards ({error})") from error
        self._adapters = [card for card in found if (card.maker == NVIDIA) is self._of_nvidia]
        if not self._adapters:
            query.close()
            raise SensorMissing("Windows lists no such graphics card")
        self._query = query
        self._look()
        return [adapter.name for adapter in self._adapters]

    def sample(self) -> Sequence[GpuSample]:
        """Read the engines and the memory of every card. Raises `GpuLost`."""
        return samples_of(self._look(), self._adapters)

    def detail(self, pids: frozenset[int]) -> Sequence[GpuDetail]:
        """Read the memory of every process. Raises `GpuLost`."""
        return details_of(self._look(), self._adapters)

    def close(self) -> None:
        """Let the counters go."""
        query, self._query = self._query, None
        if query is not None:
            query.close()

    def _look(self) -> Counters:
        if self._query is None:
            raise GpuLost("Windows' counters are closed")
        now_s = self._monotonic()
        if now_s - self._read_s >= SAME_LOOK_S:
            self._read_s = now_s
            found = self._query.read()
            self._counters = Counters(
                *(found.get(path, {}) for path in (ENGINE, ADAPTER_MEMORY, PROCESS_MEMORY))
            )
        return self._counters


class NvidiaOnWindows:
    """NVIDIA's own library, with the processes' memory from Windows' counters.

    Cards of the two are matched by name, in their order. Without counters there are no
    processes, and the rest works.
    """

    min_interval_s = 0.0

    def __init__(self, nvml: GpuSource, counters: GpuSource) -> None:
        self._nvml = nvml
        self._counters = counters
        self._names: list[str] = []
        self._counted: list[str] = []

    def open(self) -> Sequence[str]:
        """Open both. Raises `SensorMissing` when the library is missing."""
        self._names = list(self._nvml.open())
        try:
            self._counted = list(self._counters.open())
        except SensorMissing:
            self._counted = []
        return self._names

    def sample(self) -> Sequence[GpuSample]:
        """Ask the library. Raises `GpuLost`."""
        return self._nvml.sample()

    def detail(self, pids: frozenset[int]) -> Sequence[GpuDetail]:
        """Ask both. Raises `GpuLost`."""
        details = list(self._nvml.detail(pids))
        if not self._counted:
            return details
        waiting = list(zip(self._counted, self._counters.detail(pids), strict=True))
        for place, name in enumerate(self._names):
            match = next((one for one in waiting if one[0] == name), None)
            if match is not None:
                waiting.remove(match)
                counted = match[1]
                details[place] = replace(
                    details[place], processes=counted.processes, memory_of=counted.memory_of
                )
        return details

    def close(self) -> None:
        """Let go of both."""
        self._nvml.close()
        self._counters.close()
