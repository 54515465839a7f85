"""The memory of what happened."""

from __future__ import annotations

import pytest
from fakes.alerts import alert, channel, delivery
from fakes.supervisor import T0_MS, view

from llama_runner_pro.alerts.ports import AlertChanged, DeliveryChanged
from llama_runner_pro.api.alert_shapes import AlertEvent, DeliveryEvent
from llama_runner_pro.api.frames import (
    EndpointEvent,
    EndpointGoneEvent,
    HeartbeatEvent,
    IncidentEvent,
    MonitoringEvent,
)
from llama_runner_pro.api.gateway_shapes import GatewayEvent
from llama_runner_pro.api.ws.events import EventLog, alert_body, event_body, gateway_body
from llama_runner_pro.endpoints.ports import Heartbeat, Incident
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.endpoints.traffic import BreakerView, DoorView
from llama_runner_pro.supervision import events as news

BEAT = Heartbeat(t_ms=T0_MS, ok=True, state=State.ONLINE)
INCIDENT = Incident(id="i", endpoint="demo", cause="exit", summary="died", opened_ms=T0_MS)


def log(count: int, size: int = 1000) -> EventLog:
    """A log with so many events."""
    found = EventLog(size)
    for _ in range(count):
        found.append(MonitoringEvent(active=True, debug_mode=False), T0_MS)
    return found


def test_events_are_numbered_from_one_without_holes() -> None:
    events = log(3)
    assert events.newest_seq == 3
    seen, seq = [], 0
    while (found := events.after(seq))[1] is not None:
        seq = found[1].frame.seq
        seen.append((found[0], seq))
    assert seen == [(None, 1), (None, 2), (None, 3)]


def test_nothing_is_newer_than_the_newest() -> None:
    assert log(3).after(3) == (None, None)
    assert log(3).after(99) == (None, None)
    assert log(0).after(0) == (None, None)


def test_what_is_forgotten_is_told_as_a_gap() -> None:
    events = log(10, size=4)
    gap, found = events.after(2)
    assert gap == (3, 6)
    assert found is not None
    assert found.frame.seq == 7


def test_a_reader_at_the_edge_misses_nothing() -> None:
    gap, found = log(10, size=4).after(6)
    assert gap is None
    assert found is not None
    assert found.frame.seq == 7


@pytest.mark.parametrize(
    ("told", "body"),
    [
        (news.EndpointChanged(view("demo")), EndpointEvent(endpoint=view("demo"))),
        (news.EndpointRemoved("demo"), EndpointGoneEvent(name="demo")),
        (news.IncidentChanged(INCIDENT), IncidentEvent(incident=INCIDENT)),
        (news.HeartbeatSeen("demo", BEAT), HeartbeatEvent(name="demo", heartbeat=BEAT)),
        (news.MonitoringChanged(True, False), MonitoringEvent(active=True, debug_mode=False)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_all_news_go_over_the_wire(told: news.SupervisionEvent, body: object) -> None:
    assert event_body(told) == body


def test_news_of_alerts_go_over_the_wire() -> None:
    raised = AlertChanged(alert(), notify=True)
    assert alert_body(raised) == AlertEvent(alert=alert(), notify=True)
    moved = DeliveryChanged(delivery(), channel())
    assert alert_body(moved) == DeliveryEvent(delivery=delivery(), channel=channel())


def test_news_of_the_gateway_go_over_the_wire() -> None:
    breaker = BreakerView(endpoint="one", model="demo", state="open")
    door = DoorView(name="openai", state="open", host="127.0.0.1", port=1234)
    assert gateway_body(breaker) == GatewayEvent(breaker=breaker)
    assert gateway_body(door) == GatewayEvent(door=door)
