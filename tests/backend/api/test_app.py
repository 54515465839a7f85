"""The whole application: what every address has in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.api_world import World, call

from llama_runner_pro.api.app import create_app, streams_of
from llama_runner_pro.api.streams import Streams

if TYPE_CHECKING:
    from pathlib import Path


async def test_an_unknown_address_is_a_problem_with_a_stable_code(world: World) -> None:
    answer = await call(world.app(), "GET", "/api/nothing")
    assert (answer.status, answer.json["code"]) == (404, "unknown_route")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_an_unknown_address_of_the_older_family_answers_in_its_envelope(
    world: World,
) -> None:
    answer = await call(world.app(), "GET", "/api/ai-monitor/nothing")
    assert answer.status == 404
    assert answer.json["status"] == "error"
    assert answer.json["data"]["code"] == "unknown_route"


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("POST", "/api/health", "GET, HEAD"),
        ("GET", "/api/ai-monitor/heal", "POST"),
        ("PUT", "/api/ai-monitor/models/a/enable", "POST"),
    ],
)
async def test_a_wrong_method_is_told_which_ones_work(
    world: World, method: str, path: str, allow: str
) -> None:
    answer = await call(world.app(), method, path)
    assert answer.status == 405
    assert answer.headers["allow"] == allow


async def test_head_is_answered_like_get(world: World) -> None:
    assert (await call(world.app(), "HEAD", "/api/health")).status == 200


async def test_plain_http_on_a_stream_is_told_to_upgrade(world: World) -> None:
    answer = await call(world.app(), "GET", "/api/logs/stream")
    assert (answer.status, answer.headers["upgrade"]) == (426, "websocket")


async def test_no_answer_may_be_cached(world: World) -> None:
    for path in ("/api/health", "/api/nothing", "/api/ai-monitor/status"):
        answer = await call(world.app(), "GET", path)
        assert answer.headers["cache-control"] == "no-store", path


async def test_a_bug_of_ours_is_a_500_that_tells_nothing_of_the_inside(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.supervisor.by_name["demo"] = None  # type: ignore[assignment]
    told: list[bytes] = []

    async def collect(message: dict[str, object]) -> None:
        told.append(bytes(message.get("body", b"")))  # type: ignore[call-overload]

    async def nothing() -> dict[str, object]:
        return {"type": "http.request", "body": b""}

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/api/ai-monitor/status",
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
    }
    with pytest.raises(AttributeError):
        await create_app(world.deps())(scope, nothing, collect)  # type: ignore[arg-type]
    body = b"".join(told)
    assert b"internal_error" in body
    assert b"NoneType" not in body


def test_the_live_connections_can_be_reached_for_a_farewell(world: World) -> None:
    assert isinstance(streams_of(world.app()), Streams)
