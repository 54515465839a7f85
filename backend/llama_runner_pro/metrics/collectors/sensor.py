"""The contract of cheap blocking sensors that share one thread hop per tick."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llama_runner_pro.endpoints.ports import MetricTarget
    from llama_runner_pro.metrics.model import Field, Reading


@dataclass(frozen=True, slots=True)
class Moment:
    """What a sensor may know about the tick: monotonic time and the endpoints of now."""

    now_s: float
    targets: Sequence[MetricTarget] = ()


class Sensor(Protocol):
    """One family of values that the operating system hands out at once.

    `read` runs on a sensor thread, never twice at a time; `fields` runs on the event loop.
    """

    @property
    def name(self) -> str:
        """Short word for logs."""
        ...

    def fields(self, targets: Sequence[MetricTarget]) -> Sequence[Field]:
        """What can be measured on this machine for these endpoints."""
        ...

    def read(self, moment: Moment) -> Reading:
        """Measure once. Raises `CollectorError`, `OSError` or `psutil.Error`."""
        ...
