"""The shapes that other layers see of an endpoint: they survive the wire, and gaps stay gaps."""

from __future__ import annotations

import msgspec
import pytest

from llama_runner_pro.endpoints.ports import (
    EndpointView,
    Evidence,
    Heartbeat,
    Incident,
    IncidentStep,
    MetricTarget,
)
from llama_runner_pro.endpoints.states import State

BEAT = Heartbeat(t_ms=5, ok=False, state=State.DEGRADED, reason="no answer within 2 s")
VIEW = EndpointView(
    name="a/b",
    kind="ollama",
    url="http://127.0.0.1:11434",
    port=11434,
    model=None,
    enabled=True,
    startable=False,
    state=State.DEGRADED,
    since_ms=1,
    heartbeats=(BEAT,),
    actions=("disable",),
)
INCIDENT = Incident(
    id="20231114T221320-abc",
    endpoint="a/b",
    cause="unresponsive",
    summary="3 health checks in a row failed",
    opened_ms=1,
    steps=(IncidentStep(step="detected", t_ms=1, ok=True),),
    evidence=Evidence(pid=7, log_tail=("µ",)),
)


@pytest.mark.parametrize("codec", [msgspec.json, msgspec.msgpack])
@pytest.mark.parametrize("value", [VIEW, INCIDENT, BEAT], ids=["view", "incident", "heartbeat"])
def test_a_value_survives_the_wire(codec: object, value: msgspec.Struct) -> None:
    encoded = codec.encode(value)  # type: ignore[attr-defined]
    assert codec.decode(encoded, type=type(value)) == value  # type: ignore[attr-defined]


def test_what_is_not_known_is_null_and_never_zero() -> None:
    shown = msgspec.to_builtins(VIEW)
    for name in ("pid", "response_ms", "last_check_ms", "uptime_24h_pct", "next_attempt_at_ms"):
        assert shown[name] is None
    assert msgspec.to_builtins(Evidence())["rss_bytes"] is None


def test_states_are_words_on_the_wire() -> None:
    assert msgspec.to_builtins(VIEW)["state"] == "degraded"
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**msgspec.to_builtins(BEAT), "state": "sleepy"}, Heartbeat)


def test_targets_of_the_collectors_share_no_headers() -> None:
    first = MetricTarget(name="a", kind="ollama", url="", pid=None, ready=False)
    second = MetricTarget(name="b", kind="ollama", url="", pid=None, ready=False)
    first.headers["Authorization"] = "secret"
    assert second.headers == {}
