"""From a request to a handler's call."""

from __future__ import annotations

import pytest
from fakes.api_world import World, call

from llama_runner_pro.api.route import AddressApp, ApiRoute, Call, Reply
from llama_runner_pro.api.schemas import HealRequest, HealWait, LogsQuery, NoBody, NoQuery, Version
from llama_runner_pro.core.errors import Refused

SEEN: list[Call] = []


async def remember(asked: Call) -> Reply:
    """Answers with a fixed document."""
    SEEN.append(asked)
    return Reply(Version(version="1", wire_version=1, python="3"), 202)


async def refuse(_: Call) -> Reply:
    """Raises an error of ours."""
    raise Refused("it is stopping")


def address(world: World, *routes: ApiRoute) -> AddressApp:
    """An address with these methods."""
    SEEN.clear()
    return AddressApp(routes, world.deps(), 0.0)


def route(method: str, **more: object) -> ApiRoute:
    """A route that remembers."""
    known: dict[str, object] = {"handler": remember, "answer": Version, "summary": "x", **more}
    return ApiRoute(method=method, path="/x", **known)  # type: ignore[arg-type]


async def test_a_handler_gets_query_and_body_in_their_declared_shapes(world: World) -> None:
    app = address(world, route("POST", body=HealRequest, query=LogsQuery))
    answer = await call(app, "POST", "/x?lines=3", body=b'{"model": "a"}')
    assert answer.status == 202
    assert answer.json == {"version": "1", "wire_version": 1, "python": "3"}
    (asked,) = SEEN
    assert asked.body_as(HealRequest).model == "a"
    assert asked.query_as(LogsQuery).lines == 3


async def test_one_address_serves_several_methods(world: World) -> None:
    app = address(world, route("GET"), route("POST"))
    assert (await call(app, "GET", "/x")).status == 202
    assert (await call(app, "POST", "/x")).status == 202
    refused = await call(app, "DELETE", "/x")
    assert refused.headers["allow"] == "GET, POST, HEAD"


async def test_errors_of_ours_become_problems(world: World) -> None:
    answer = await call(address(world, route("GET", handler=refuse)), "GET", "/x")
    assert (answer.status, answer.json["code"]) == (409, "refused")


async def test_a_query_where_none_is_known_is_refused(world: World) -> None:
    answer = await call(address(world, route("GET")), "GET", "/x?verbose=1")
    assert (answer.status, answer.json["code"]) == (422, "unknown_field")
    assert SEEN == []


def test_a_handler_that_asks_for_another_shape_is_a_bug(world: World) -> None:
    asked = Call(world.deps(), 0.0, {}, NoQuery(), NoBody())
    with pytest.raises(TypeError, match="NoBody, not HealWait"):
        asked.body_as(HealWait)


def test_only_reading_has_no_body() -> None:
    assert not route("GET").changes
    assert route("POST").changes
