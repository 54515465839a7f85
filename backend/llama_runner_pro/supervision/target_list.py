"""What the metric collectors need to know of the endpoints, put together once per tick."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.endpoints.ports import MetricTarget
from llama_runner_pro.endpoints.states import SERVING
from llama_runner_pro.supervision.events import EndpointChanged, HeartbeatSeen, IncidentChanged

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.core.topic import Topic
    from llama_runner_pro.supervision.events import SupervisionEvent
    from llama_runner_pro.supervision.watched import Watched

_HOLDS_S = 0.05
"""All collectors of one tick ask within this time; two ticks are further apart."""
_HOLDS_AT_MOST_S = 0.5
_TIMES_MAKING = 4
"""With thousands, making the list takes so long that it must hold for longer."""


class TargetList:
    """Keeps the list until time passes; news of an endpoint renews its own entry alone.

    From the event loop only.
    """

    def __init__(
        self, watched: Mapping[str, Watched], clock: Clock, topic: Topic[SupervisionEvent]
    ) -> None:
        self._watched, self._clock = watched, clock
        self._by_name: dict[str, MetricTarget] = {}
        self._targets: list[MetricTarget] | None = None
        self._stale: set[str] = set()
        self._made_s, self._holds_s = 0.0, _HOLDS_S
        topic.listen(self._heard)

    def _heard(self, news: SupervisionEvent) -> None:
        name = _concerns(news)
        if name is None or name not in self._by_name:
            self._targets = None
        else:
            self._stale.add(name)

    def now(self) -> Sequence[MetricTarget]:
        """One per endpoint, in the order of the configuration."""
        now_s = self._clock.monotonic()
        if self._targets is None or now_s - self._made_s > self._holds_s:
            self._by_name = {name: _target(watched) for name, watched in self._watched.items()}
            self._targets, self._made_s = list(self._by_name.values()), now_s
            making_s = self._clock.monotonic() - now_s
            self._holds_s = min(max(_HOLDS_S, _TIMES_MAKING * making_s), _HOLDS_AT_MOST_S)
        elif self._stale:
            for name in self._stale & self._watched.keys():
                self._by_name[name] = _target(self._watched[name])
            self._targets = list(self._by_name.values())
        self._stale.clear()
        return self._targets


def _concerns(news: SupervisionEvent) -> str | None:
    """The one endpoint whose entry it may change; None: the list as a whole."""
    match news:
        case EndpointChanged():
            return news.view.name
        case HeartbeatSeen():
            return news.name
        case IncidentChanged():
            return news.incident.endpoint
    return None


def _target(watched: Watched) -> MetricTarget:
    view = watched.monitor.view()
    return MetricTarget(
        name=view.name,
        kind=view.kind,
        url=view.url,
        pid=view.pid,
        ready=view.state in SERVING,
        model=view.model,
        headers=watched.monitor.spec.headers,
        view=view,
    )
