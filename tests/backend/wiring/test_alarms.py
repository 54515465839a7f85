from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest
from fakes.supervisor import view

from llama_runner_pro.endpoints.ports import Heartbeat, Incident
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.supervision.events import (
    EndpointChanged,
    EndpointRemoved,
    HeartbeatSeen,
    IncidentChanged,
    MonitoringChanged,
)
from llama_runner_pro.wiring.alarms import tell_alerts

if TYPE_CHECKING:
    from llama_runner_pro.alerts.service import Alerts
    from llama_runner_pro.supervision.events import SupervisionEvent

VIEW = view("demo", State.FAILED)
INCIDENT = Incident(id="i", endpoint="demo", cause="exit", summary="died", opened_ms=1)


class Heard:
    """Takes note of what it is told."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, object]] = []

    def __getattr__(self, name: str) -> object:
        return lambda value: self.calls.append((name, value))


@pytest.mark.parametrize(
    ("news", "expected"),
    [
        (EndpointChanged(VIEW), [("endpoint_seen", VIEW)]),
        (EndpointRemoved("demo"), [("endpoint_gone", "demo")]),
        (IncidentChanged(INCIDENT), [("incident_seen", INCIDENT)]),
        (HeartbeatSeen("demo", Heartbeat(t_ms=1, ok=True, state=State.ONLINE)), []),
        (MonitoringChanged(active=True, debug_mode=False), []),
    ],
)
def test_alerts_hear_what_can_raise_or_end_an_alarm(
    news: SupervisionEvent, expected: list[tuple[str, object]]
) -> None:
    heard = Heard()
    tell_alerts(cast("Alerts", heard), news)
    assert heard.calls == expected
