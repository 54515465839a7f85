"""What happened, numbered, the last thousand of it: so that a viewer can catch up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.alerts.ports import AlertChanged
from llama_runner_pro.api.alert_shapes import AlertEvent, DeliveryEvent
from llama_runner_pro.api.frames import (
    ConfigEvent,
    EndpointEvent,
    EndpointGoneEvent,
    Event,
    EventBody,
    HeartbeatEvent,
    IncidentEvent,
    MonitoringEvent,
)
from llama_runner_pro.api.gateway_shapes import GatewayEvent
from llama_runner_pro.api.problems import config_problems
from llama_runner_pro.api.ws.tick import SharedFrame
from llama_runner_pro.endpoints.traffic import BreakerView
from llama_runner_pro.supervision.events import (
    EndpointChanged,
    EndpointRemoved,
    HeartbeatSeen,
    IncidentChanged,
)

if TYPE_CHECKING:
    from llama_runner_pro.alerts.ports import AlertNews
    from llama_runner_pro.config.store import ConfigNews
    from llama_runner_pro.endpoints.traffic import DoorView
    from llama_runner_pro.supervision.events import SupervisionEvent

EVENT_MEMORY = 1000


class EventLog:
    """The newest events. Sequence numbers start at 1 and have no holes."""

    def __init__(self, size: int = EVENT_MEMORY) -> None:
        self._size = size
        self._events: dict[int, SharedFrame[Event]] = {}
        self.newest_seq = 0

    def append(self, body: EventBody, t_ms: int) -> None:
        """Number an event and keep it; the oldest goes."""
        self.newest_seq += 1
        self._events[self.newest_seq] = SharedFrame(
            Event(seq=self.newest_seq, t_ms=t_ms, event=body)
        )
        self._events.pop(self.newest_seq - self._size, None)

    def after(self, seq: int) -> tuple[tuple[int, int] | None, SharedFrame[Event] | None]:
        """The event after `seq`, and the range in between that is forgotten, if any."""
        if seq >= self.newest_seq:
            return None, None
        oldest = max(1, self.newest_seq - self._size + 1)
        found = max(seq + 1, oldest)
        gap = (seq + 1, oldest - 1) if found > seq + 1 else None
        return gap, self._events[found]


def event_body(news: SupervisionEvent) -> EventBody:
    """News of the supervisor as it goes over the wire."""
    if isinstance(news, EndpointChanged):
        return EndpointEvent(endpoint=news.view)
    if isinstance(news, EndpointRemoved):
        return EndpointGoneEvent(name=news.name)
    if isinstance(news, IncidentChanged):
        return IncidentEvent(incident=news.incident)
    if isinstance(news, HeartbeatSeen):
        return HeartbeatEvent(name=news.name, heartbeat=news.heartbeat)
    return MonitoringEvent(active=news.active, debug_mode=news.debug_mode)


def config_body(news: ConfigNews) -> EventBody:
    """News of the configuration as it goes over the wire."""
    problems = config_problems(news.problems)
    return ConfigEvent(version=news.version, origin=news.origin, problems=problems)


def alert_body(news: AlertNews) -> EventBody:
    """News of alerts as it goes over the wire."""
    if isinstance(news, AlertChanged):
        return AlertEvent(alert=news.alert, notify=news.notify)
    return DeliveryEvent(delivery=news.delivery, channel=news.channel)


def gateway_body(news: BreakerView | DoorView) -> EventBody:
    """News of the gateway as it goes over the wire."""
    if isinstance(news, BreakerView):
        return GatewayEvent(breaker=news)
    return GatewayEvent(door=news)
