"""AMD cards through the amdgpu driver's files in `/sys`; no library, no rights needed.

Formats: kernel documentation, gpu/amdgpu/thermal and gpu/amdgpu/driver-misc.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llama_runner_pro.metrics.collectors.gpu_ports import GpuDetail, GpuSample
from llama_runner_pro.metrics.collectors.gpu_sysfs import (
    CardFolder,
    CardSource,
    read_number,
    read_text,
    read_whole,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_ACTIVE_CLOCK = re.compile(r"^\d+:\s*(\d+)Mhz\s*\*", re.MULTILINE | re.IGNORECASE)
_MICRO = 1e-6
_MILLI = 1e-3
_MEGA = 1_000_000
_ALL_OF_PWM = 255
_ONLY_OWN = "the amdgpu driver lists processes only to themselves"


def parse_active_clock(text: str) -> int | None:
    """Hertz of the level marked with `*` in `pp_dpm_sclk` and its like."""
    active = _ACTIVE_CLOCK.search(text)
    return None if active is None else int(active[1]) * _MEGA


class AmdSource(CardSource):
    """All cards that the amdgpu driver runs."""

    drivers = frozenset({"amdgpu"})
    maker = "AMD"

    def _name(self, card: CardFolder) -> str:
        product = read_text(card.device / "product_name")
        return product or f"AMD graphics card ({card.pci_id})"

    def _sample(self, card: CardFolder, hwmon: Path | None) -> GpuSample:
        device = card.device
        power = _first(hwmon, ("power1_average", "power1_input"))
        return GpuSample(
            utilization_pct=read_number(device / "gpu_busy_percent", high=100),
            memory_used_bytes=read_whole(device / "mem_info_vram_used"),
            memory_total_bytes=read_whole(device / "mem_info_vram_total"),
            temperature_c=read_number(
                _first(hwmon, ("temp1_input",)), _MILLI, low=-40_000, high=150_000
            ),
            power_w=read_number(power, _MICRO, high=5_000_000_000),
        )

    def _detail(self, card: CardFolder, hwmon: Path | None) -> GpuDetail:
        device = card.device
        return GpuDetail(
            memory_busy_pct=read_number(device / "mem_busy_percent", high=100),
            models_busy_pct=self._clients.busy_pct(card.pdev, self._monotonic()),
            power_limit_w=read_number(_first(hwmon, ("power1_cap",)), _MICRO, high=5_000_000_000),
            fan_pct=_fan_pct(hwmon),
            clock_hz=_clock_hz(device / "pp_dpm_sclk", _first(hwmon, ("freq1_input",))),
            memory_clock_hz=_clock_hz(device / "pp_dpm_mclk", _first(hwmon, ("freq2_input",))),
            memory_of=self._clients.memory_of(card.pdev),
            everyone=False,
            reasons={"processes": _ONLY_OWN},
        )


def _first(folder: Path | None, names: Sequence[str]) -> Path | None:
    """The first of these sensors that exists."""
    if folder is None:
        return None
    return next((folder / name for name in names if (folder / name).exists()), None)


def _fan_pct(hwmon: Path | None) -> float | None:
    """Of its highest speed where both are told, else of its full drive."""
    if hwmon is None:
        return None
    turns, most = read_number(hwmon / "fan1_input"), read_number(hwmon / "fan1_max")
    if turns is not None and most:
        return min(100.0, 100.0 * turns / most)
    drive = read_number(hwmon / "pwm1", high=_ALL_OF_PWM)
    return None if drive is None else 100.0 * drive / _ALL_OF_PWM


def _clock_hz(levels: Path, sensor: Path | None) -> int | None:
    measured = read_whole(sensor)
    return measured if measured is not None else parse_active_clock(read_text(levels) or "")
