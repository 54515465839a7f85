"""NVIDIA cards through GPUtil: the fallback where NVML cannot be loaded but nvidia-smi runs.

GPUtil starts nvidia-smi for every look, so it is asked every 10 s at most. Its release on PyPI
imports `distutils`, which Python 3.12 no longer has: there it counts as absent.
"""

from __future__ import annotations

import importlib
import shutil
import warnings
from typing import TYPE_CHECKING, Any

from llama_runner_pro.core.errors import SensorMissing
from llama_runner_pro.metrics.collectors.gpu_ports import GpuDetail, GpuLost, GpuSample, because

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_MEBIBYTE = 1024 * 1024
_ONLY_NVML = "GPUtil does not tell it; only the NVIDIA driver's own library does"


def load_gputil() -> Any:
    """Import GPUtil. Raises `SensorMissing` when it, or the program it needs, is not there."""
    if shutil.which("nvidia-smi") is None:
        raise SensorMissing("nvidia-smi not found")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            return importlib.import_module("GPUtil")
    except ImportError as error:
        raise SensorMissing(f"GPUtil cannot be loaded ({error})") from error


class GputilSource:
    """All cards that nvidia-smi lists."""

    min_interval_s = 10.0

    def __init__(self, load: Callable[[], Any] = load_gputil) -> None:
        self._load = load
        self._gputil: Any = None
        self._count = 0

    def open(self) -> Sequence[str]:
        """Import GPUtil and list the cards. Raises `SensorMissing`."""
        self._gputil = self._load()
        names = [str(card.name) for card in self._gputil.getGPUs()]
        if not names:
            raise SensorMissing("nvidia-smi shows no graphics card")
        self._count = len(names)
        return names

    def sample(self) -> Sequence[GpuSample]:
        """Run nvidia-smi once. Raises `GpuLost` when it shows other cards than before."""
        cards = self._gputil.getGPUs()
        if len(cards) != self._count:
            raise GpuLost("nvidia-smi shows other graphics cards than before")
        return [
            GpuSample(
                utilization_pct=_number(card.load, 100),
                memory_used_bytes=_whole(card.memoryUsed, _MEBIBYTE),
                memory_total_bytes=_whole(card.memoryTotal, _MEBIBYTE),
                temperature_c=_number(card.temperature, 1),
                reasons={"power_w": _ONLY_NVML},
            )
            for card in cards
        ]

    def detail(self, pids: frozenset[int]) -> Sequence[GpuDetail]:
        """Nothing more is told."""
        return [GpuDetail(reasons=because(_ONLY_NVML))] * self._count

    def close(self) -> None:
        """Nothing is held open."""


def _number(value: float, factor: float) -> float | None:
    """GPUtil writes NaN for what a card does not report."""
    return None if value != value else value * factor


def _whole(value: float, factor: int) -> int | None:
    number = _number(value, factor)
    return None if number is None else round(number)
