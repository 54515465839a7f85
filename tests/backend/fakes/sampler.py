"""A sampler that ticks when a test says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.core.topic import Topic
from llama_runner_pro.metrics.model import Snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fakes.clock import FakeClock

    from llama_runner_pro.metrics.history import RecentHistory
    from llama_runner_pro.metrics.model import Value


class FakeSampler:
    """Satisfies `api.ports.Sampling`."""

    def __init__(self, clock: FakeClock, history: RecentHistory) -> None:
        self._clock = clock
        self._history = history
        self._seq = 0
        self.topic: Topic[Snapshot] = Topic()
        self.latest: Snapshot | None = None
        self.demands: list[float | None] = []

    @property
    def demand_s(self) -> float | None:
        """What was asked for last."""
        return self.demands[-1] if self.demands else None

    def set_demand(self, interval_s: float | None) -> None:
        self.demands.append(interval_s)

    def tick(
        self,
        values: Mapping[str, Value],
        absent: Mapping[str, str] | None = None,
        *,
        after_s: float = 1.0,
    ) -> Snapshot:
        """Let time pass and publish one sample."""
        self._clock.skip(after_s)
        self._seq += 1
        snapshot = Snapshot(
            seq=self._seq,
            wall_ms=self._clock.wall_ms(),
            values=dict(values),
            absent=dict(absent or {}),
        )
        self._history.append(snapshot)
        self.latest = snapshot
        self.topic.publish(snapshot)
        return snapshot
