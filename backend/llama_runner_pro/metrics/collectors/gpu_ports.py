"""What a source of graphics card values has to offer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from llama_runner_pro.core.errors import CollectorError

if TYPE_CHECKING:
    from collections.abc import Sequence


class GpuLost(CollectorError):
    """The driver went away or was replaced; the source has to be opened again."""


@dataclass(frozen=True, slots=True)
class GpuSample:
    """One look at one card. None is what this card does not report."""

    utilization_pct: float | None = None
    memory_used_bytes: int | None = None
    memory_total_bytes: int | None = None
    temperature_c: float | None = None
    power_w: float | None = None
    fan_pct: float | None = None


class GpuSource(Protocol):
    """Blocking calls, made from one sensor thread, never two at a time."""

    @property
    def min_interval_s(self) -> float:
        """How long one sample is good for: reading more often only costs."""
        ...

    def open(self) -> Sequence[str]:
        """Get ready and return the names of all cards.

        Raises `SensorMissing` with a reason for the user when there is no card or no driver.
        """
        ...

    def sample(self) -> Sequence[GpuSample]:
        """One sample per card, in the order of `open`. Raises `GpuLost` or `OSError`."""
        ...

    def close(self) -> None:
        """Let go of the driver; never raises."""
        ...
