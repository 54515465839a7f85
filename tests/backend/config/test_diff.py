"""What a change means for the processes that run."""

from __future__ import annotations

from typing import Any

import pytest

from llama_runner_pro.config.diff import Diff, change_of, diff
from llama_runner_pro.config.model import Config
from llama_runner_pro.endpoints.spec import (
    EndpointSpec,
    LimitsSpec,
    ProbesSpec,
    RestartSpec,
    StopSpec,
)

BASE: dict[str, Any] = {
    "name": "a",
    "kind": "llamacpp",
    "port": 8081,
    "start_command": ("server", "--port", "${PORT}"),
}


def change(**fields: Any) -> str:
    return change_of(EndpointSpec(**BASE), EndpointSpec(**{**BASE, **fields}))


def test_nothing_changed_is_the_same() -> None:
    assert change() == "same"


@pytest.mark.parametrize(
    "fields",
    [
        {"start_command": ("server", "-v")},
        {"env": {"A": "1"}},
        {"cwd": "/srv"},
        {"port": 8082},
        {"url": "http://127.0.0.1:8081"},
        {"kind": "custom"},
        {"model_path": "/m.gguf"},
        {"parameters": {"ctx-size": 1}},
        {"limits": LimitsSpec(memory_bytes=1)},
        {"process_name": "server"},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_what_a_running_process_cannot_take_on_replaces_it(fields: dict[str, Any]) -> None:
    assert change(**fields) == "replaced"


@pytest.mark.parametrize(
    "fields",
    [
        {"probes": ProbesSpec(startup_budget_s=9)},
        {"restart": RestartSpec(budget=9)},
        {"stop": StopSpec(grace_s=1)},
        {"stop_command": ("stop",)},
        {"headers": {"A": "1"}},
        {"health_endpoint": "/x"},
        {"expected_response": "ok"},
        {"timeout": 1.0},
        {"on_exit": "keep"},
        {"depends_on": ("b",)},
        {"enabled": False},
        {"model": "tiny"},
        {"temp_paths": ("/tmp/x",)},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_everything_else_leaves_the_process_alone(fields: dict[str, Any]) -> None:
    assert change(**fields) == "adjusted"


def test_a_model_that_the_process_is_told_replaces_it() -> None:
    engine = EndpointSpec(name="e", kind="embedded", port=1, model_path="/m.gguf", model="x")
    told = EndpointSpec(name="t", port=1, start_command=("s", "-m", "${MODEL}"), model="x")
    for spec in (engine, told):
        fields = {key: getattr(spec, key) for key in spec.__struct_fields__}
        assert change_of(spec, EndpointSpec(**{**fields, "model": "y"})) == "replaced"


def test_endpoints_and_settings_are_told_apart_in_their_order() -> None:
    def spec(name: str, port: int, **more: Any) -> EndpointSpec:
        return EndpointSpec(name=name, port=port, **more)

    before = Config(endpoints=(spec("gone", 1), spec("a", 2), spec("b", 3), spec("c", 4)))
    after = Config(
        check_interval=9,
        endpoints=(spec("c", 4, enabled=False), spec("new", 5), spec("b", 6), spec("a", 2)),
    )
    assert diff(before, after) == Diff(
        added=("new",),
        removed=("gone",),
        replaced=("b",),
        adjusted=("c",),
        switched=("c",),
        settings=("check_interval",),
    )
    assert diff(after, after) == Diff()
