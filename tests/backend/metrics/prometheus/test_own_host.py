"""Finding oneself in a store of many."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from fakes.clock import FakeClock
from fakes.upstream import FakeUpstream

from llama_runner_pro.config.monitoring import PrometheusSpec
from llama_runner_pro.core.errors import StoreUnavailable
from llama_runner_pro.metrics.prometheus.own_host import Identity, OwnHost, identity_of
from llama_runner_pro.metrics.prometheus.store import Store

if TYPE_CHECKING:
    from pathlib import Path


def rows(*hosts: str, label: str = "instance") -> bytes:
    """One row for each host."""
    result = [{"metric": {label: host} if host else {}, "value": [0, "1"]} for host in hosts]
    return json.dumps({"status": "success", "data": {"result": result}}).encode()


def own(upstream: FakeUpstream, clock: FakeClock, **spec: str) -> OwnHost:
    """On a computer with an awkward name."""
    return OwnHost(Store(upstream, PrometheusSpec(**spec)), Identity('bo"x', "1a2b3c4d"), clock)


def test_sidecars_on_one_computer_and_alike_folders_elsewhere_are_told_apart(
    tmp_path: Path,
) -> None:
    mine = identity_of("box", tmp_path)
    assert identity_of("box", tmp_path) == mine
    assert identity_of("box", tmp_path / "other").sidecar != mine.sidecar
    assert identity_of("elsewhere", tmp_path).sidecar != mine.sidecar
    assert mine.hostname == "box"


async def test_it_is_found_by_the_computers_name() -> None:
    upstream = FakeUpstream(body=rows("10.0.0.7:8585", label="host"))
    found = own(upstream, FakeClock(), host_label="host", selector='job="x"')
    assert await found.name() == "10.0.0.7:8585"
    query = upstream.asked[0].body.decode()
    assert "hostname%3D%22bo%5C%22x%22" in query
    assert "sidecar%3D%221a2b3c4d%22" in query
    assert "job%3D%22x%22" in query


async def test_it_is_remembered_for_a_minute() -> None:
    upstream, clock = FakeUpstream(body=rows("a")), FakeClock()
    found = own(upstream, clock)
    await found.name()
    clock.skip(59)
    await found.name()
    assert len(upstream.asked) == 1
    clock.skip(2)
    upstream.body = rows("b")
    assert await found.name() == "b"


async def test_of_two_names_of_one_sidecar_it_is_always_the_same() -> None:
    for order in (("b", "a"), ("a", "b")):
        assert await own(FakeUpstream(body=rows(*order)), FakeClock()).name() == "a"


async def test_a_store_without_this_computer_says_what_is_missing() -> None:
    for body in (rows(), rows("")):
        with pytest.raises(StoreUnavailable, match="nothing of this computer") as told:
            await own(FakeUpstream(body=body), FakeClock()).name()
        assert "host_label" in told.value.hint
