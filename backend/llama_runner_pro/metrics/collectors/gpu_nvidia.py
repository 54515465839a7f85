"""NVIDIA cards through the driver's own library, NVML.

Called by way of nvidia-ml-py, whose module is named `pynvml`. Every call can fail by itself:
NOT_SUPPORTED and missing functions of old drivers mean that one value is not there, while a
lost card or an exchanged driver means opening again. See NVML API reference, nvmlReturn_t.
"""

from __future__ import annotations

import ctypes
import importlib
import sys
from typing import TYPE_CHECKING, Any

from llama_runner_pro.core.errors import SensorMissing
from llama_runner_pro.metrics.collectors.gpu_ports import GpuDetail, GpuLost, GpuSample, because
from llama_runner_pro.metrics.collectors.nvml_answers import (
    TOO_OLD,
    Questions,
    memory_by_pid,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_TEMPERATURE_OF_GPU = 0
_CLOCK_GRAPHICS, _CLOCK_MEMORY = 0, 2
_PCIE_SENT, _PCIE_RECEIVED = 0, 1
_KILO = 1000
_KIBI = 1024
_MEGA = 1_000_000


def load_nvml() -> Any:
    """Import the binding. Raises `SensorMissing` where NVIDIA's driver is not installed."""
    if sys.platform == "darwin":
        raise SensorMissing("macOS has no NVIDIA driver")
    if sys.platform.startswith("linux"):
        try:
            # Before the import, which costs time and memory and could only say the same.
            ctypes.CDLL("libnvidia-ml.so.1")
        except OSError:
            raise SensorMissing(
                "no NVIDIA driver on this machine (libnvidia-ml.so.1 not found)"
            ) from None
    try:
        return importlib.import_module("pynvml")
    except ImportError as error:
        raise SensorMissing(f"the NVIDIA binding cannot be loaded ({error})") from error


class NvmlSource:
    """All cards that the driver shows, in its own order.

    A card that cannot be opened keeps its place and has no values: the numbers of the others
    must not change when one falls off the bus.
    """

    min_interval_s = 0.0

    def __init__(self, load: Callable[[], Any] = load_nvml) -> None:
        self._load = load
        self._nvml: Any = None
        self._cards: list[_Card] = []

    def open(self) -> Sequence[str]:
        """Initialise NVML. Raises `SensorMissing`; may block for seconds on a cold driver."""
        nvml = self._load()
        try:
            nvml.nvmlInit()
        except nvml.NVMLError as error:
            raise SensorMissing(f"the NVIDIA driver does not answer ({error})") from error
        self._nvml = nvml
        try:
            count = nvml.nvmlDeviceGetCount()
        except nvml.NVMLError as error:
            self.close()
            raise SensorMissing(f"the NVIDIA driver shows no graphics card ({error})") from error
        self._cards = [_Card(nvml, index) for index in range(count)]
        if not any(card.usable for card in self._cards):
            refusal = next((f" ({card.refusal})" for card in self._cards), "")
            self.close()
            raise SensorMissing(
                f"the NVIDIA driver is installed, but shows no graphics card{refusal}"
            )
        return [card.name for card in self._cards]

    def sample(self) -> Sequence[GpuSample]:
        """Read every card. Raises `GpuLost` when none answers any more."""
        return self._each(_Card.sample, GpuSample)

    def detail(self, pids: frozenset[int]) -> Sequence[GpuDetail]:
        """Read the slow values: PCIe traffic alone takes 40 ms per card. Raises `GpuLost`."""
        return self._each(_Card.detail, GpuDetail)

    def close(self) -> None:
        """Shut NVML down, as far as it still answers."""
        nvml, self._nvml = self._nvml, None
        self._cards = []
        if nvml is not None:
            try:
                nvml.nvmlShutdown()
            except nvml.NVMLError:
                return

    def _each(self, read: Callable[[_Card], Any], blank: Callable[..., Any]) -> list[Any]:
        """One look per card; a lost one among several only loses its own values."""
        looks: list[Any] = []
        losses: list[GpuLost] = []
        for card in self._cards:
            try:
                looks.append(read(card))
            except GpuLost as error:
                losses.append(error)
                looks.append(blank(reasons=because(str(error))))
        if losses and len(losses) >= sum(card.usable for card in self._cards):
            raise losses[0]
        return looks


class _Card:
    """One card, or the reason why it cannot be opened."""

    def __init__(self, nvml: Any, index: int) -> None:
        self._nvml = nvml
        self._handle: Any = None
        self.usable = False
        self.refusal = ""
        self.name = f"NVIDIA card {index}"
        try:
            self._handle = nvml.nvmlDeviceGetHandleByIndex(index)
            self.name = text(nvml.nvmlDeviceGetName(self._handle))
        except nvml.NVMLError as error:
            self.refusal = f"the NVIDIA driver does not open this card ({error})"
        else:
            self.usable = True

    def sample(self) -> GpuSample:
        """What changes from second to second. Raises `GpuLost`."""
        if not self.usable:
            return GpuSample(reasons=because(self.refusal))
        nvml, handle = self._nvml, self._handle
        questions = Questions(nvml)
        ask, number = questions.ask, questions.number
        utilization = ask(("utilization_pct",), nvml.nvmlDeviceGetUtilizationRates, handle)
        memory = self._memory(questions)
        temperature = self._temperature(questions)
        power_mw = ask(("power_w",), nvml.nvmlDeviceGetPowerUsage, handle)
        return GpuSample(
            utilization_pct=number("utilization_pct", getattr(utilization, "gpu", None), 0, 100),
            memory_used_bytes=number("memory_used_bytes", getattr(memory, "used", None)),
            memory_total_bytes=number("memory_total_bytes", getattr(memory, "total", None), 1),
            # Below and above no card works; 0xFF and the like are the driver's blanks.
            temperature_c=number("temperature_c", temperature, -40, 150),
            power_w=number("power_w", power_mw, 0, 5_000_000, scale=1 / _KILO),
            reasons=questions.reasons,
        )

    def detail(self) -> GpuDetail:
        """What is slow to read or to change. Raises `GpuLost`."""
        if not self.usable:
            return GpuDetail(reasons=because(self.refusal))
        nvml, handle = self._nvml, self._handle
        questions = Questions(nvml)

        def one(part: str, call: str, *arguments: Any, top: float, scale: float = 1) -> Any:
            answer = questions.ask((part,), getattr(nvml, call, None), handle, *arguments)
            # The two video calls answer with the share and the time it was measured over.
            value = answer[0] if isinstance(answer, list) else answer
            return questions.number(part, value, 0, top, scale=scale)

        utilization = questions.ask(
            ("memory_busy_pct",), nvml.nvmlDeviceGetUtilizationRates, handle
        )
        busy = getattr(utilization, "memory", None)
        pcie = "nvmlDeviceGetPcieThroughput"
        memory_of = memory_by_pid(nvml, handle, questions)
        return GpuDetail(
            memory_busy_pct=questions.number("memory_busy_pct", busy, 0, 100),
            power_limit_w=one(
                "power_limit_w", "nvmlDeviceGetEnforcedPowerLimit", top=5_000_000, scale=1 / _KILO
            ),
            fan_pct=one("fan_pct", "nvmlDeviceGetFanSpeed", top=200),
            clock_hz=one(
                "clock_hz", "nvmlDeviceGetClockInfo", _CLOCK_GRAPHICS, top=20_000, scale=_MEGA
            ),
            memory_clock_hz=one(
                "memory_clock_hz", "nvmlDeviceGetClockInfo", _CLOCK_MEMORY, top=50_000, scale=_MEGA
            ),
            encoder_pct=one("encoder_pct", "nvmlDeviceGetEncoderUtilization", top=100),
            decoder_pct=one("decoder_pct", "nvmlDeviceGetDecoderUtilization", top=100),
            pcie_received_bytes_per_s=one(
                "pcie_received_bytes_per_s", pcie, _PCIE_RECEIVED, top=2**30, scale=_KIBI
            ),
            pcie_sent_bytes_per_s=one(
                "pcie_sent_bytes_per_s", pcie, _PCIE_SENT, top=2**30, scale=_KIBI
            ),
            processes=None if memory_of is None else len(memory_of),
            memory_of=memory_of,
            reasons=questions.reasons,
        )

    def _memory(self, questions: Questions) -> Any:
        """The newer call leaves out what the driver reserves; old drivers only know the other."""
        call, parts = (
            self._nvml.nvmlDeviceGetMemoryInfo,
            ("memory_used_bytes", "memory_total_bytes"),
        )
        newer = getattr(self._nvml, "nvmlMemory_v2", None)
        found = None if newer is None else questions.ask((), call, self._handle, newer)
        return found if found is not None else questions.ask(parts, call, self._handle)

    def _temperature(self, questions: Questions) -> Any:
        """The older call works with every driver so far; newer bindings may drop it."""
        for name in ("nvmlDeviceGetTemperature", "nvmlDeviceGetTemperatureV"):
            call = getattr(self._nvml, name, None)
            found = questions.ask(("temperature_c",), call, self._handle, _TEMPERATURE_OF_GPU)
            if found is not None or questions.reasons["temperature_c"] != TOO_OLD:
                return found
        return None
