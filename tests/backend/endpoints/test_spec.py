"""What an entry of a configuration becomes."""

from __future__ import annotations

import msgspec
import pytest

from llama_runner_pro.endpoints.spec import EndpointSpec


def test_name_alone_is_a_spec_with_the_documented_defaults() -> None:
    spec = msgspec.convert({"name": "a"}, EndpointSpec)
    assert (spec.kind, spec.enabled, spec.on_exit) == ("auto", True, "stop")
    assert (spec.probes.liveness.period_s, spec.probes.liveness.timeout_s) == (5.0, 2.0)
    assert spec.probes.liveness.failures == 3
    assert (spec.stop.grace_s, spec.stop.signal) == (10.0, "TERM")
    restart = spec.restart
    assert (restart.backoff_initial_s, restart.backoff_max_s, restart.jitter) == (1.0, 60.0, 0.2)
    assert (restart.budget, restart.budget_window_s, restart.stable_after_s) == (5, 600.0, 60.0)


def test_every_key_of_the_older_monitor_is_known() -> None:
    entry = {
        "name": "Ollama",
        "url": "http://localhost:11434",
        "health_endpoint": "/api/tags",
        "process_name": "ollama",
        "start_command": ["ollama", "serve"],
        "stop_command": None,
        "port": 11434,
        "expected_response": None,
        "timeout": 10,
        "restart_delay": 5,
        "max_restart_attempts": 3,
        "enabled": True,
    }
    assert msgspec.convert(entry, EndpointSpec).max_restart_attempts == 3


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"name": ""},
        {"name": "a", "port": 0},
        {"name": "a", "kind": "other"},
        {"name": "a", "unknown": 1},
        {"name": "a", "stop": {"grace_s": -1}},
        {"name": "a", "restart": {"jitter": 2}},
    ],
)
def test_value_that_makes_no_sense_is_refused(entry: object) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(entry, EndpointSpec)


def test_spec_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        EndpointSpec(name="a").port = 1  # type: ignore[misc]
