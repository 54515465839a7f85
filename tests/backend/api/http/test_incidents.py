"""What broke and how it was mended."""

from __future__ import annotations

import pytest
from fakes.api_world import World, call
from fakes.supervisor import T0_MS

from llama_runner_pro.endpoints.ports import Incident


@pytest.fixture
def broken(world: World) -> World:
    world.supervisor.known_incidents = [
        Incident(id=f"i{n}", endpoint=name, cause="exit", summary="died", opened_ms=T0_MS)
        for n, name in enumerate(["demo", "org/model", "demo"])
    ]
    return world


async def test_incidents_are_listed_and_bounded(broken: World) -> None:
    app = broken.app()
    listed = (await call(app, "GET", "/api/incidents")).json["incidents"]
    assert [one["id"] for one in listed] == ["i0", "i1", "i2"]
    assert len((await call(app, "GET", "/api/incidents?limit=1")).json["incidents"]) == 1


async def test_incidents_of_one_endpoint(broken: World) -> None:
    answer = await call(broken.app(), "GET", "/api/incidents?endpoint=org%2Fmodel")
    assert [one["id"] for one in answer.json["incidents"]] == ["i1"]


async def test_an_unknown_endpoint_is_an_error_and_not_an_empty_list(broken: World) -> None:
    answer = await call(broken.app(), "GET", "/api/incidents?endpoint=x")
    assert (answer.status, answer.json["code"]) == (404, "unknown_model")


@pytest.mark.parametrize("limit", ["0", "501", "many"])
async def test_a_limit_out_of_bounds_is_refused(broken: World, limit: str) -> None:
    assert (await call(broken.app(), "GET", f"/api/incidents?limit={limit}")).status == 422


async def test_one_incident_is_shown_whole_or_not_found(broken: World) -> None:
    app = broken.app()
    assert (await call(app, "GET", "/api/incidents/i1")).json["endpoint"] == "org/model"
    missing = await call(app, "GET", "/api/incidents/zzz")
    assert (missing.status, missing.json["code"]) == (404, "unknown_incident")
