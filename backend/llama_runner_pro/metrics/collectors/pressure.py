"""How long work had to wait for the processor, for memory and for disks.

Linux keeps running totals of the time during which at least one task (`some`) or every task
(`full`) was waiting, in µs, in `/proc/pressure` (kernel documentation, accounting/psi).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from llama_runner_pro.metrics.model import Field, Reading
from llama_runner_pro.metrics.rates import Rates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llama_runner_pro.endpoints.ports import MetricTarget
    from llama_runner_pro.metrics.collectors.sensor import Moment
    from llama_runner_pro.metrics.model import Value

_PROC = Path("/proc/pressure")
_FIELDS = (
    Field("cpu_pressure_pct", "pct", "Work waiting for the CPU", "cpu"),
    Field("memory_pressure_pct", "pct", "Work waiting for memory", "memory"),
    Field("memory_stalled_pct", "pct", "Everything waiting for memory", "memory"),
    Field("disk_pressure_pct", "pct", "Work waiting for disks", "disk"),
)
_SOURCES = {
    "cpu_pressure_pct": ("cpu", "some"),
    "memory_pressure_pct": ("memory", "some"),
    "memory_stalled_pct": ("memory", "full"),
    "disk_pressure_pct": ("io", "some"),
}


def parse_pressure(text: str) -> dict[str, int]:
    """Total µs of waiting by `some` and `full`; lines of another form are left out."""
    totals: dict[str, int] = {}
    for line in text.splitlines():
        scope, _, rest = line.partition(" ")
        for word in rest.split():
            name, _, number = word.partition("=")
            if name == "total" and number.isdigit():
                totals[scope] = int(number)
    return totals


class PressureSensor:
    """Share of the time since the read before; the first read has none."""

    name = "pressure"

    def __init__(self, folder: Path = _PROC) -> None:
        self._folder = folder
        self._rates = Rates()

    def fields(self, targets: Sequence[MetricTarget]) -> Sequence[Field]:
        """Processor, memory and disks."""
        return _FIELDS

    def read(self, moment: Moment) -> Reading:
        """Measure once."""
        totals = {resource: self._totals(resource) for resource in ("cpu", "memory", "io")}
        values: dict[str, Value] = {}
        absent: dict[str, str] = {}
        for name, (resource, scope) in _SOURCES.items():
            total_us = totals[resource].get(scope)
            if total_us is None:
                absent[name] = "this system does not measure pressure"
                continue
            share = self._rates.per_second(name, total_us / 1e6, moment.now_s)
            values[name] = None if share is None else min(100.0, 100.0 * share)
        return Reading(values, absent)

    def _totals(self, resource: str) -> dict[str, int]:
        try:
            return parse_pressure((self._folder / resource).read_text("ascii"))
        except (OSError, UnicodeDecodeError):
            # Not Linux, or a kernel that was built or started without it (`psi=1` turns it on).
            return {}
