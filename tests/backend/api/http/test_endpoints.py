"""Endpoints in detail."""

from __future__ import annotations

from fakes.api_world import World, call


async def test_all_endpoints_come_in_order_with_everything_known(world: World) -> None:
    answer = (await call(world.app(), "GET", "/api/endpoints")).json
    assert [one["name"] for one in answer["endpoints"]] == ["demo", "org/model"]
    assert answer["endpoints"][0]["response_ms"] == 3.5


async def test_one_endpoint_is_found_by_a_name_with_a_slash(world: World) -> None:
    app = world.app()
    for path in ("/api/endpoints/org%2Fmodel", "/api/endpoints/org/model"):
        answer = await call(app, "GET", path)
        assert (answer.status, answer.json["state"]) == (200, "failed")


async def test_an_unknown_endpoint_lists_the_known_ones(world: World) -> None:
    answer = await call(world.app(), "GET", "/api/endpoints/x")
    assert (answer.status, answer.json["known"]) == (404, ["demo", "org/model"])
