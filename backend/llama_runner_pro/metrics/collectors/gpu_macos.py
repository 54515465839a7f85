"""Apple's and other cards on macOS, as the driver registers them (`ioreg`); no rights needed.

`ioreg -r -c IOAccelerator -a` prints a property list with one entry per card; its dictionary
`PerformanceStatistics` holds what Activity Monitor shows. Keys differ from driver to driver.
"""

from __future__ import annotations

import plistlib
import subprocess
import sys
from typing import TYPE_CHECKING, Any
from xml.parsers.expat import ExpatError

from llama_runner_pro.core.errors import SensorMissing
from llama_runner_pro.metrics.collectors.gpu_ports import (
    GpuDetail,
    GpuLost,
    GpuSample,
    because,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

COMMAND = ("/usr/sbin/ioreg", "-r", "-c", "IOAccelerator", "-a")
_LIMIT_S = 3.0
_USE = ("Device Utilization %", "GPU Activity(%)", "GPU Core Utilization")
_USED = ("In use system memory", "vramUsedBytes", "inUseVidMemoryBytes")
_MEBIBYTE = 1024 * 1024
_PRIVATE = "macOS tells it to the system's own tools only"


def run_ioreg() -> bytes:
    """What the tool prints. Raises `SensorMissing` elsewhere than on macOS, or `OSError`."""
    if sys.platform != "darwin":
        raise SensorMissing("this is not macOS")
    try:
        return subprocess.run(
            COMMAND, stdin=subprocess.DEVNULL, capture_output=True, timeout=_LIMIT_S, check=True
        ).stdout
    except subprocess.SubprocessError as error:
        raise GpuLost(f"macOS does not list its graphics cards ({error})") from error


def parse_ioreg(printed: bytes) -> list[tuple[str, GpuSample]]:
    """Name and sample of each card. Raises `GpuLost` when it is no property list."""
    if not printed.strip():
        return []
    try:
        entries = plistlib.loads(printed)
    except (plistlib.InvalidFileException, ExpatError, ValueError) as error:
        raise GpuLost(f"ioreg printed something else than a property list ({error})") from error
    if not isinstance(entries, list):
        return []
    return [(_name(entry), _sample(entry)) for entry in entries if isinstance(entry, dict)]


class MacosSource:
    """All cards that macOS lists."""

    min_interval_s = 5.0

    def __init__(self, run: Callable[[], bytes] = run_ioreg) -> None:
        self._run = run
        self._count = 0

    def open(self) -> Sequence[str]:
        """List the cards. Raises `SensorMissing`."""
        names = [name for name, _ in parse_ioreg(self._run())]
        if not names:
            raise SensorMissing("macOS lists no graphics card")
        self._count = len(names)
        return names

    def sample(self) -> Sequence[GpuSample]:
        """Run ioreg once. Raises `GpuLost` when it shows other cards than before."""
        cards = parse_ioreg(self._run())
        if len(cards) != self._count:
            raise GpuLost("macOS lists other graphics cards than before")
        return [sample for _, sample in cards]

    def detail(self, pids: frozenset[int]) -> Sequence[GpuDetail]:
        """Nothing more is told."""
        return [GpuDetail(reasons=because(_PRIVATE))] * self._count

    def close(self) -> None:
        """Nothing is held open."""


def _name(entry: Mapping[str, Any]) -> str:
    model = entry.get("model")
    if isinstance(model, bytes):
        model = model.split(b"\0")[0].decode("utf-8", "replace")
    return str(model or entry.get("IOClass") or "Graphics card")


def _sample(entry: Mapping[str, Any]) -> GpuSample:
    told = entry.get("PerformanceStatistics")
    statistics: Mapping[str, Any] = told if isinstance(told, dict) else {}
    use, heat = _first(statistics, _USE), statistics.get("Temperature(C)")
    used, size_mb = _first(statistics, _USED), entry.get("VRAM,totalMB")
    return GpuSample(
        utilization_pct=use if use is not None and 0 <= use <= 100 else None,
        memory_used_bytes=None if used is None else round(used),
        memory_total_bytes=size_mb * _MEBIBYTE if isinstance(size_mb, int) else None,
        temperature_c=heat if isinstance(heat, int) and 0 < heat < 150 else None,
        reasons=dict.fromkeys(("temperature_c", "power_w"), _PRIVATE)
        | {"memory_total_bytes": "this card shares the computer's main memory"},
    )


def _first(statistics: Mapping[str, Any], names: Sequence[str]) -> float | None:
    found = (statistics.get(name) for name in names)
    return next((value for value in found if isinstance(value, int | float)), None)
