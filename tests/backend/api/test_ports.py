"""The protocols of the API: what really runs and what tests put in its place both satisfy them."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from fakes.alerts import FakeAlerts
from fakes.clock import FakeClock
from fakes.sampler import FakeSampler
from fakes.supervisor import FakeOperation, FakeSupervisor, Outcome

from llama_runner_pro.alerts.service import Alerts
from llama_runner_pro.api import ports
from llama_runner_pro.metrics.catalogue import Catalogue
from llama_runner_pro.metrics.history import RecentHistory
from llama_runner_pro.metrics.sampler import Sampler
from llama_runner_pro.supervision.operations import HealOutcome, Operation
from llama_runner_pro.supervision.supervisor import Supervisor

PAIRS = [
    (ports.Supervising, Supervisor),
    (ports.Supervising, FakeSupervisor),
    (ports.Sampling, Sampler),
    (ports.Sampling, FakeSampler),
    (ports.Alerting, Alerts),
    (ports.Alerting, FakeAlerts),
    (ports.FieldCatalogue, Catalogue),
    (ports.PastSamples, RecentHistory),
    (ports.Operation, Operation),
    (ports.Operation, FakeOperation),
]


def methods(shape: type) -> dict[str, Any]:
    """Public methods by name."""
    return {
        name: member
        for name, member in vars(shape).items()
        if inspect.isfunction(member) and not name.startswith("_")
    }


def callers_words(function: Any) -> list[tuple[str, str, bool]]:
    """Parameters that a caller can name or leave out, in order."""
    return [
        (
            parameter.name if parameter.kind is not parameter.POSITIONAL_ONLY else "",
            parameter.kind.name if parameter.kind is parameter.KEYWORD_ONLY else "",
            parameter.default is parameter.empty,
        )
        for parameter in inspect.signature(function).parameters.values()
    ]


@pytest.mark.parametrize(("port", "real"), PAIRS, ids=lambda shape: shape.__name__)
def test_every_method_exists_and_is_called_the_same_way(port: type, real: type) -> None:
    for name, wanted in methods(port).items():
        found = getattr(real, name)
        assert inspect.iscoroutinefunction(found) == inspect.iscoroutinefunction(wanted), name
        for ours, theirs in zip(callers_words(wanted), callers_words(found), strict=True):
            assert ours[0] in ("", theirs[0]), name
            assert ours[1:] == theirs[1:], name


def test_what_a_heal_did_is_told_in_the_same_words() -> None:
    wanted = {name for name in vars(ports.HealOutcome) if not name.startswith("_")}
    for real in (HealOutcome, Outcome):
        told = set(getattr(real, "__struct_fields__", ())) | set(
            getattr(real, "__dataclass_fields__", ())
        )
        assert wanted <= told


async def test_the_sampler_offers_topic_and_latest() -> None:
    clock = FakeClock()
    for sampler in (
        Sampler([], Catalogue(), RecentHistory(), clock),
        FakeSampler(clock, RecentHistory()),
    ):
        assert sampler.latest is None
        assert callable(sampler.topic.listen)
