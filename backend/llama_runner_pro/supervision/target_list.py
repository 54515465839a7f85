"""What the metric collectors need to know of the endpoints, put together once per tick."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.endpoints.ports import MetricTarget
from llama_runner_pro.endpoints.states import SERVING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.core.topic import Topic
    from llama_runner_pro.supervision.events import SupervisionEvent
    from llama_runner_pro.supervision.supervisor import Watched

_HOLDS_S = 0.05
"""All collectors of one tick ask within this time; two ticks are further apart."""


class TargetList:
    """Keeps the list until time passes or an endpoint has news. From the event loop only."""

    def __init__(
        self, watched: Mapping[str, Watched], clock: Clock, topic: Topic[SupervisionEvent]
    ) -> None:
        self._watched, self._clock = watched, clock
        self._targets: list[MetricTarget] | None = None
        self._made_s = 0.0
        topic.listen(self._forget)

    def _forget(self, _: SupervisionEvent) -> None:
        self._targets = None

    def now(self) -> Sequence[MetricTarget]:
        """One per endpoint, in the order of the configuration."""
        now_s = self._clock.monotonic()
        if self._targets is None or now_s - self._made_s > _HOLDS_S:
            self._targets, self._made_s = self._make(), now_s
        return self._targets

    def _make(self) -> list[MetricTarget]:
        return [
            MetricTarget(
                name=view.name,
                kind=view.kind,
                url=view.url,
                pid=view.pid,
                ready=view.state in SERVING,
                model=view.model,
                headers=watched.monitor.spec.headers,
                view=view,
            )
            for watched in self._watched.values()
            for view in [watched.monitor.view()]
        ]
