"""What a source of graphics card values has to offer."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from llama_runner_pro.core.errors import CollectorError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NOT_REPORTED = "this graphics card does not report it"
_NOTHING: Mapping[str, str] = MappingProxyType({})


class GpuLost(CollectorError):
    """The driver went away or was replaced; the source has to be opened again."""


@dataclass(frozen=True, slots=True)
class GpuSample:
    """One look at one card: what changes from second to second.

    None is what this card does not report; `reasons` says why, by the value's name.
    """

    utilization_pct: float | None = None
    memory_used_bytes: int | None = None
    memory_total_bytes: int | None = None
    temperature_c: float | None = None
    power_w: float | None = None
    reasons: Mapping[str, str] = field(default_factory=lambda: _NOTHING, compare=False)


@dataclass(frozen=True, slots=True)
class GpuDetail:
    """What costs more to read or changes slowly: one look every ten seconds."""

    memory_busy_pct: float | None = None
    """Share of the time in which the card's memory was read or written."""
    models_busy_pct: float | None = None
    """The busiest engine's time spent for the watched processes, where only that can be told."""
    power_limit_w: float | None = None
    fan_pct: float | None = None
    clock_hz: int | None = None
    memory_clock_hz: int | None = None
    encoder_pct: float | None = None
    decoder_pct: float | None = None
    pcie_received_bytes_per_s: int | None = None
    pcie_sent_bytes_per_s: int | None = None
    processes: int | None = None
    memory_of: Mapping[int, int | None] | None = None
    """Bytes of the card's memory by pid; None for one whose share is not told, and in place of
    the whole when nothing is told of processes."""
    everyone: bool = True
    """Whether `memory_of` knows all processes, and not only those that were asked for."""
    reasons: Mapping[str, str] = field(default_factory=lambda: _NOTHING, compare=False)


def because(reason: str) -> Mapping[str, str]:
    """The same reason for every value there is."""
    return {value.name: reason for look in (GpuSample, GpuDetail) for value in fields(look)}


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

    def detail(self, pids: frozenset[int]) -> Sequence[GpuDetail]:
        """The slow values per card, in the order of `open`; `pids` are the processes that the
        caller wants to know about. Raises `GpuLost` or `OSError`."""
        ...

    def close(self) -> None:
        """Let go of the driver; never raises."""
        ...
