"""The real world and the fakes offer what a monitor needs, call for call."""

from __future__ import annotations

import inspect

import pytest
from fakes.prober import FakeProber
from fakes.process_host import FakeProcessHost

from llama_runner_pro.supervision.effects import Prober, ProcessHost
from llama_runner_pro.supervision.host import LocalHost
from llama_runner_pro.supervision.prober import EndpointProber


def calls(port: type) -> dict[str, object]:
    return {name: value for name, value in vars(port).items() if not name.startswith("_")}


@pytest.mark.parametrize(
    ("port", "offered"),
    [
        (ProcessHost, LocalHost),
        (ProcessHost, FakeProcessHost),
        (Prober, EndpointProber),
        (Prober, FakeProber),
    ],
)
def test_every_call_is_there_with_the_same_parameters(port: type, offered: type) -> None:
    for name, wanted in calls(port).items():
        found = inspect.getattr_static(offered, name)
        assert type(found) is type(wanted), name
        if inspect.isfunction(wanted):
            assert list(inspect.signature(found).parameters) == list(
                inspect.signature(wanted).parameters
            )
            assert inspect.iscoroutinefunction(found) == inspect.iscoroutinefunction(wanted)
