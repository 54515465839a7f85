"""Processor clock, on the slow lane: on real machines it is a file per core."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil

from llama_runner_pro.core.errors import SensorMissing
from llama_runner_pro.metrics.model import Field, Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from llama_runner_pro.endpoints.ports import MetricTarget
    from llama_runner_pro.metrics.collectors.sensor import Moment

_FIELDS = (Field("cpu_frequency_hz", "hz", "CPU clock", "cpu"),)


def read_mhz() -> float | None:
    """The present clock averaged over all cores; None where it cannot be known."""
    # The function is missing on some systems, and answers None or 0 on others.
    frequency = psutil.cpu_freq() if hasattr(psutil, "cpu_freq") else None
    return frequency.current if frequency is not None and frequency.current > 0 else None


class CpuFrequencySensor:
    """The processor's present clock."""

    name = "cpu_frequency"

    def __init__(self, source: Callable[[], float | None] = read_mhz) -> None:
        self._source = source

    def fields(self, targets: Sequence[MetricTarget]) -> Sequence[Field]:
        """One field."""
        return _FIELDS

    def read(self, moment: Moment) -> Reading:
        """Measure once. Raises `SensorMissing` where the clock cannot be known."""
        mhz = self._source()
        if mhz is None:
            raise SensorMissing("this machine does not tell its processor clock")
        return Reading({"cpu_frequency_hz": mhz * 1_000_000})
