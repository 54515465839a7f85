"""Alone, or one of many."""

from __future__ import annotations

from fakes.clock import FakeClock
from fakes.told import told

from llama_runner_pro.config.monitoring import HistorySpec, PrometheusSpec
from llama_runner_pro.metrics.fleet import Fleet
from llama_runner_pro.metrics.fleets import Fleets, OwnFleet


class Elsewhere:
    """A store of many computers."""

    def __init__(self, spec: PrometheusSpec) -> None:
        self.url = spec.url

    async def hosts(self) -> Fleet:
        """Only says where it was asked."""
        return Fleet(backend="prometheus", this_host=self.url, hosts=[])


async def test_a_computer_by_itself_is_a_fleet_of_one() -> None:
    found = await OwnFleet(told, FakeClock()).hosts()
    assert (found.backend, found.this_host, found.available) == ("embedded", "box", True)
    (alone,) = found.hosts
    assert (alone.host, alone.severity, alone.endpoints_failed) == ("box", "critical", 1)


async def test_the_source_follows_the_configuration() -> None:
    fleets = Fleets(HistorySpec(), OwnFleet(told, FakeClock()), Elsewhere)
    assert (await fleets.hosts()).backend == "embedded"
    for url in ("http://one:9090", "http://two:9090"):
        fleets.configure(HistorySpec(backend="prometheus", prometheus=PrometheusSpec(url=url)))
        assert (await fleets.hosts()).this_host == url
    fleets.configure(HistorySpec())
    assert (await fleets.hosts()).backend == "embedded"
