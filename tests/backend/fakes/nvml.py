"""A graphics driver's library in memory: the few calls of `pynvml` that we make."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

NOT_SUPPORTED = 3
NO_PERMISSION = 4
DRIVER_NOT_LOADED = 9
FUNCTION_NOT_FOUND = 13
GPU_IS_LOST = 15
UNKNOWN = 999


class NvmlError(Exception):
    """Carries NVML's return value, as the binding's own error does."""

    def __init__(self, value: int) -> None:
        super().__init__(f"code {value}")
        self.value = value


@dataclass
class Rates:
    """Utilisation in percent."""

    gpu: int
    memory: int = 0


@dataclass
class Memory:
    """Bytes."""

    used: int
    total: int


@dataclass
class Process:
    """One entry of a process list; `gpuInstanceId` tells the parts of a card split by MIG."""

    pid: int
    usedGpuMemory: int | None
    gpuInstanceId: int = 2**32 - 1


@dataclass
class Card:
    """What one card answers; an `int` under a call's name in `broken` makes that call fail."""

    name: str | bytes = "Test GPU"
    utilization_pct: int = 40
    memory: Memory = field(default_factory=lambda: Memory(6, 24))
    memory_v2: Memory | None = field(default_factory=lambda: Memory(5, 24))
    temperature_c: int = 61
    power_mw: int = 123_400
    fan_pct: int = 30
    power_limit_mw: int = 350_000
    clocks_mhz: dict[int, int] = field(default_factory=lambda: {0: 1500, 2: 9500})
    encoder_pct: int = 7
    decoder_pct: int = 8
    pcie_kb_per_s: dict[int, int] = field(default_factory=lambda: {0: 10, 1: 20})
    computing: list[Process] = field(default_factory=list)
    drawing: list[Process] = field(default_factory=list)
    broken: dict[str, int] = field(default_factory=dict)


class FakeNvml:
    """Satisfies what `NvmlSource` uses of the module `pynvml`."""

    NVMLError = NvmlError
    nvmlMemory_v2 = 0x2000028

    def __init__(self, *cards: Card) -> None:
        self.cards = list(cards)
        self.init_failure: int | None = None
        self.shutdown_failure: int | None = None
        self.opened = 0
        self.closed = 0

    def nvmlInit(self) -> None:
        if self.init_failure is not None:
            raise NvmlError(self.init_failure)
        self.opened += 1

    def nvmlShutdown(self) -> None:
        self.closed += 1
        if self.shutdown_failure is not None:
            raise NvmlError(self.shutdown_failure)

    def nvmlDeviceGetCount(self) -> int:
        return len(self.cards)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> Card:
        return self.cards[index]

    def nvmlDeviceGetName(self, card: Card) -> str | bytes:
        return self._answer(card, "name", lambda: card.name)

    def nvmlDeviceGetUtilizationRates(self, card: Card) -> Rates:
        return self._answer(card, "utilization", lambda: Rates(card.utilization_pct))

    def nvmlDeviceGetMemoryInfo(self, card: Card, version: int | None = None) -> Memory:
        if version is None:
            return self._answer(card, "memory", lambda: card.memory)
        if card.memory_v2 is None:
            raise NvmlError(FUNCTION_NOT_FOUND)
        newer = card.memory_v2
        return self._answer(card, "memory", lambda: newer)

    def nvmlDeviceGetTemperature(self, card: Card, sensor: int) -> int:
        assert sensor == 0
        return self._answer(card, "temperature", lambda: card.temperature_c)

    def nvmlDeviceGetPowerUsage(self, card: Card) -> int:
        return self._answer(card, "power", lambda: card.power_mw)

    def nvmlDeviceGetFanSpeed(self, card: Card) -> int:
        return self._answer(card, "fan", lambda: card.fan_pct)

    def nvmlDeviceGetEnforcedPowerLimit(self, card: Card) -> int:
        return self._answer(card, "power_limit", lambda: card.power_limit_mw)

    def nvmlDeviceGetClockInfo(self, card: Card, clock: int) -> int:
        return self._answer(card, "clock", lambda: card.clocks_mhz[clock])

    def nvmlDeviceGetEncoderUtilization(self, card: Card) -> list[int]:
        return self._answer(card, "encoder", lambda: [card.encoder_pct, 167_000])

    def nvmlDeviceGetDecoderUtilization(self, card: Card) -> list[int]:
        return self._answer(card, "decoder", lambda: [card.decoder_pct, 167_000])

    def nvmlDeviceGetPcieThroughput(self, card: Card, way: int) -> int:
        return self._answer(card, "pcie", lambda: card.pcie_kb_per_s[way])

    def nvmlDeviceGetComputeRunningProcesses_v3(self, card: Card) -> list[Process]:
        return self._answer(card, "computing", lambda: card.computing)

    def nvmlDeviceGetComputeRunningProcesses_v2(self, card: Card) -> list[Process]:
        return self._answer(card, "computing_older", lambda: card.computing)

    def nvmlDeviceGetGraphicsRunningProcesses_v3(self, card: Card) -> list[Process]:
        return self._answer(card, "drawing", lambda: card.drawing)

    def nvmlDeviceGetGraphicsRunningProcesses_v2(self, card: Card) -> list[Process]:
        return self._answer(card, "drawing_older", lambda: card.drawing)

    def _answer(self, card: Card, call: str, answer: Callable[[], T]) -> T:
        if call in card.broken:
            raise NvmlError(card.broken[call])
        return answer()
