"""Intel cards through the files of the i915 and xe drivers in `/sys`.

Neither driver tells the use of the whole card there; what the watched models use of it is
added up from their own files (`drm_fdinfo`). Formats: kernel documentation, ABI/testing,
sysfs-driver-intel-i915-hwmon, sysfs-driver-intel-xe-hwmon.
"""

from __future__ import annotations

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
    from pathlib import Path

_MICRO = 1e-6
_MILLI = 1e-3
_MEGA = 1_000_000
_NO_USE = "Intel's driver does not tell the use of the whole card"
_NO_MEMORY = "Intel's driver does not tell how much of the card's memory is used"
_ONLY_OWN = "Intel's driver lists processes only to themselves"
_CLOCKS = (
    "device/tile0/gt0/freq0/act_freq",
    "gt/gt0/rps_act_freq_mhz",
    "gt_act_freq_mhz",
)
"""xe, newer i915, older i915; in MHz, below the card's folder."""
_SIZES = ("device/tile0/physical_vram_size_bytes", "lmem_total_bytes")


class IntelSource(CardSource):
    """All cards that the i915 or xe driver runs."""

    drivers = frozenset({"i915", "xe"})
    maker = "Intel"

    def _name(self, card: CardFolder) -> str:
        return f"Intel graphics ({card.pci_id})"

    def _sample(self, card: CardFolder, hwmon: Path | None) -> GpuSample:
        sizes = (read_whole(card.path / name) for name in _SIZES)
        return GpuSample(
            memory_total_bytes=next((size for size in sizes if size), None),
            temperature_c=read_number(
                _labelled(hwmon, "temp", "pkg"), _MILLI, low=-40_000, high=150_000
            ),
            power_w=self._power_w(card, hwmon),
            reasons={"utilization_pct": _NO_USE, "memory_used_bytes": _NO_MEMORY},
        )

    def _detail(self, card: CardFolder, hwmon: Path | None) -> GpuDetail:
        clocks = (read_number(card.path / name, _MEGA) for name in _CLOCKS)
        clock = next((clock for clock in clocks if clock is not None), None)
        limit = None if hwmon is None else hwmon / "power1_max"
        return GpuDetail(
            models_busy_pct=self._clients.busy_pct(card.pdev, self._monotonic()),
            power_limit_w=read_number(limit, _MICRO, low=1, high=5_000_000_000),
            clock_hz=None if clock is None else round(clock),
            memory_of=self._clients.memory_of(card.pdev),
            everyone=False,
            reasons={"processes": _ONLY_OWN},
        )

    def _power_w(self, card: CardFolder, hwmon: Path | None) -> float | None:
        """Growth of the counter of used energy, in µJ."""
        used = read_number(_labelled(hwmon, "energy", "card", "pkg"), _MICRO)
        if used is None:
            return None
        return self._rates.per_second(card.pdev or card.path.name, used, self._monotonic())


def _labelled(folder: Path | None, kind: str, *labels: str) -> Path | None:
    """The sensor that bears the first of these labels, or else the first one of its kind."""
    if folder is None:
        return None
    sensors = sorted(folder.glob(f"{kind}*_input"))
    named = {read_text(path.with_name(path.name[:-5] + "label")): path for path in sensors}
    fitting = (named[label] for label in labels if label in named)
    return next(fitting, sensors[0] if sensors else None)
