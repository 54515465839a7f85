"""Many computers in one store."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest
from fakes.clock import FakeClock
from fakes.slow_clock import SlowClock
from fakes.told import told
from fakes.upstream import FakeUpstream

from llama_runner_pro.config.monitoring import PrometheusSpec
from llama_runner_pro.core.errors import ConnectRefused
from llama_runner_pro.metrics.prometheus.fleet import PrometheusFleet
from llama_runner_pro.metrics.prometheus.own_host import Identity, OwnHost
from llama_runner_pro.metrics.prometheus.store import Store
from llama_runner_pro.transport.client import HttpClient

if TYPE_CHECKING:
    from fakes.past_store import Written
    from fakes.real_prometheus import RealPrometheus

    from llama_runner_pro.metrics.fleet import Fleet
    from llama_runner_pro.metrics.prometheus.store import Asking


def fleet_of(
    http: Asking, spec: PrometheusSpec, clock: FakeClock, hostname: str
) -> PrometheusFleet:
    """As the composition root makes it."""
    store = Store(http, spec)
    return PrometheusFleet(
        store, OwnHost(store, Identity(hostname, "1a2b3c4d"), clock), clock, told
    )


async def asked(known: tuple[RealPrometheus, Written], hostname: str, **spec: str) -> Fleet:
    """The fleet at the end of the two known hours."""
    http = HttpClient(SlowClock())
    clock = FakeClock(wall_ms=known[1].to_s * 1000 - 1_000)
    try:
        found = PrometheusSpec(url=known[0].url, **spec)
        return await fleet_of(http, found, clock, hostname).hosts()
    finally:
        await http.aclose()


@pytest.mark.needs_prometheus
async def test_the_silent_ones_come_first_with_the_time_they_were_seen(
    two_known_hours: tuple[RealPrometheus, Written],
) -> None:
    found = await asked(two_known_hours, "box-a")
    assert (found.this_host, found.available, found.reason) == ("a:8585", True, None)
    silent, *others = found.hosts
    assert (silent.host, silent.up, silent.severity) == ("c:8585", False, "critical")
    assert silent.problems == ["not seen for 90 min"]
    assert silent.last_seen_ms == (two_known_hours[1].from_s + 1_785) * 1000
    assert [(one.host, one.up, one.severity) for one in others] == [
        ("a:8585", True, "ok"),
        ("b:8585", True, "ok"),
    ]
    assert others[1].cpu_usage_pct == 7
    assert others[1].version == "0.1.0"


@pytest.mark.needs_prometheus
async def test_a_computer_that_is_not_scraped_shows_itself_beside_the_others(
    two_known_hours: tuple[RealPrometheus, Written],
) -> None:
    found = await asked(two_known_hours, "elsewhere")
    assert found.this_host == "elsewhere"
    own = next(one for one in found.hosts if one.host == "elsewhere")
    assert (own.endpoints_total, own.endpoints_failed) == (2, 1)
    assert len(found.hosts) == 4


@pytest.mark.needs_prometheus
async def test_a_label_that_no_series_has_is_explained(
    two_known_hours: tuple[RealPrometheus, Written],
) -> None:
    found = await asked(two_known_hours, "box-a", host_label="node")
    assert found.reason is not None
    assert "host_label" in found.reason
    assert [one.host for one in found.hosts] == ["box-a"]


async def test_without_the_store_this_computer_is_left_and_the_reason() -> None:
    upstream = FakeUpstream(error=ConnectRefused("nothing answers at http://127.0.0.1:9090"))
    found = await fleet_of(upstream, PrometheusSpec(), FakeClock(), "here").hosts()
    assert (found.available, found.this_host) == (False, "here")
    assert found.reason is not None
    assert "nothing answers" in found.reason
    assert "history.prometheus.url" in found.reason
    assert [one.host for one in found.hosts] == ["here"]


async def test_many_pages_at_once_ask_the_store_once() -> None:
    upstream = FakeUpstream(body=b'{"status":"success","data":{"result":[]}}')
    clock = FakeClock()
    fleet = fleet_of(upstream, PrometheusSpec(), clock, "here")
    first, second = await asyncio.gather(fleet.hosts(), fleet.hosts())
    assert second is first
    count = len(upstream.asked)
    assert count == 2, "the hosts, and under which name we are one of them"
    assert await fleet.hosts() is first
    assert len(upstream.asked) == count
    clock.skip(3)
    await fleet.hosts()
    assert len(upstream.asked) > count


async def test_every_number_of_a_host_is_taken_from_its_own_rows() -> None:
    rows: list[tuple[str, str, str, dict[str, str]]] = [
        ("a", "seen", "1700000000", {}),
        ("a", "up", "1", {}),
        ("a", "cpu", "12.5", {}),
        ("a", "memory", "97", {}),
        ("a", "gpu", "80", {}),
        ("a", "gpu_memory", "NaN", {}),
        ("a", "state", "1", {"state": "degraded"}),
        ("a", "state", "1", {"state": "failed"}),
        ("a", "state", "1", {"state": "backoff"}),
        ("a", "alerts", "1", {"severity": "critical"}),
        ("a", "alerts", "2", {"severity": "warning"}),
        ("a", "build", "1", {"version": "1.2"}),
        ("a", "build", "1", {"version": "1.1"}),
        ("b", "up", "1", {}),
    ]
    result = [
        {"metric": {"instance": host, "llama_query": tag, **more}, "value": [0, value]}
        for host, tag, value, more in rows
    ]
    body = json.dumps({"status": "success", "data": {"result": result}}).encode()
    found = await fleet_of(FakeUpstream(body=body), PrometheusSpec(), FakeClock(), "x").hosts()
    a, b = (next(one for one in found.hosts if one.host == host) for host in "ab")
    assert (a.cpu_usage_pct, a.memory_usage_pct) == (12.5, 97)
    assert (a.gpu_utilization_pct, a.gpu_memory_usage_pct) == (80, None)
    assert (a.endpoints_total, a.endpoints_online, a.endpoints_failed) == (3, 1, 1)
    assert (a.alerts_active, a.version) == (3, "1.2")
    assert a.problems == [
        *("1 endpoint failed", "1 critical alarm", "1 endpoint not serving"),
        *("memory 97 % full", "2 warnings"),
    ]
    assert (b.severity, b.alerts_active, b.version) == ("unknown", None, None)
