"""What watching costs: our own processor time, memory and open sessions."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import psutil

from llama_runner_pro.metrics.model import Field, Reading
from llama_runner_pro.metrics.rates import Rates

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from llama_runner_pro.endpoints.ports import MetricTarget
    from llama_runner_pro.metrics.collectors.sensor import Moment
    from llama_runner_pro.metrics.model import Value

_FIELDS = (
    Field("self_cpu_pct", "pct", "CPU of LlamaRunner Pro (100 % is one core)", "self"),
    Field("self_rss_bytes", "bytes", "Memory of LlamaRunner Pro", "self"),
)
_SESSIONS_FIELD = Field("self_sessions", "count", "Open viewers", "self")
_DROPPED_FIELD = Field(
    "self_dropped_frames_total", "total", "Samples that slow viewers missed", "self", "counter"
)


def own_rss() -> Callable[[], int]:
    """A function that tells the resident memory of this process in bytes."""
    memory_info = psutil.Process().memory_info
    return lambda: int(memory_info().rss)


class SelfCostSensor:
    """Our own use of the machine, endpoints not counted.

    `sessions` counts the open viewers, `dropped_frames` what slow ones missed; without these
    functions there are no such fields.
    """

    name = "self"

    def __init__(
        self,
        sessions: Callable[[], int] | None = None,
        dropped_frames: Callable[[], int] | None = None,
        *,
        cpu_s: Callable[[], float] = time.process_time,
        rss_bytes: Callable[[], int] | None = None,
    ) -> None:
        self._counts = {
            field: count
            for field, count in ((_SESSIONS_FIELD, sessions), (_DROPPED_FIELD, dropped_frames))
            if count is not None
        }
        self._fields = (*_FIELDS, *self._counts)
        self._cpu_s = cpu_s
        self._rss_bytes = rss_bytes or own_rss()
        self._rates = Rates()

    def fields(self, targets: Sequence[MetricTarget]) -> Sequence[Field]:
        """CPU, memory, sessions and what they missed."""
        return self._fields

    def read(self, moment: Moment) -> Reading:
        """Measure once; the first read has no CPU share."""
        share = self._rates.per_second("cpu", self._cpu_s(), moment.now_s)
        values: dict[str, Value] = {
            "self_cpu_pct": None if share is None else share * 100.0,
            "self_rss_bytes": self._rss_bytes(),
        }
        values.update({field.name: count() for field, count in self._counts.items()})
        return Reading(values)
