"""One request: its body, its model, its way to a server."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from fakes.surface_world import SMOL, FakeReply, SurfaceWorld, answer

from llama_runner_pro.core.errors import BadRequest, ClientGone, LoadFailed
from llama_runner_pro.gateway.dialects import Refusal, answer_of
from llama_runner_pro.gateway.surfaces.call import Call, accepted, json_object, post_json


def call(world: SurfaceWorld, *messages: dict[str, Any]) -> Call:
    """A request whose body arrives as `messages`."""
    arriving = list(messages)

    async def receive() -> dict[str, Any]:
        return arriving.pop(0)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/x",
        "headers": [],
        "query_string": b"",
        "state": {"gone": world.gone},
    }
    return Call(world.desk, "openai", scope, receive)


async def test_a_client_that_leaves_while_it_sends_is_gone() -> None:
    part = {"type": "http.request", "body": b"{", "more_body": True}
    with pytest.raises(ClientGone):
        await call(SurfaceWorld(), part, {"type": "http.disconnect"}).body()


async def test_a_body_is_read_once_and_bounded() -> None:
    world = SurfaceWorld()
    one = call(world, {"type": "http.request", "body": b"abc", "more_body": False})
    assert await one.body() == await one.body() == b"abc"
    world.body_limit_bytes = 2
    with pytest.raises(BadRequest) as caught:
        await call(world, {"type": "http.request", "body": b"abc"}).body()
    assert caught.value.status == 413


async def test_work_is_given_up_when_the_client_leaves() -> None:
    world = SurfaceWorld()
    one = call(world)
    ended = asyncio.Event()

    async def endless() -> None:
        try:
            world.gone.set()
            await asyncio.Event().wait()
        finally:
            ended.set()

    with pytest.raises(ClientGone):
        await one.unless_gone(endless)
    assert ended.is_set()


async def test_work_that_ends_or_fails_says_so() -> None:
    one = call(SurfaceWorld())

    async def fine() -> int:
        return 5

    async def failing() -> None:
        raise LoadFailed("no")

    assert await one.unless_gone(fine) == 5
    with pytest.raises(LoadFailed):
        await one.unless_gone(failing)


async def test_a_servers_refusal_keeps_its_words_and_its_wait() -> None:
    reply = answer({"error": "busy"}, 429)
    reply.headers["retry-after"] = "7"
    with pytest.raises(Refusal) as caught:
        await accepted(reply)
    fault = caught.value.fault
    assert (fault.status, fault.message, fault.retry_after_s) == (429, "busy", 7.0)
    assert (await accepted(FakeReply())).status == 200


@pytest.mark.parametrize("wait", ["inf", "nan", "-1", "Wed, 21 Oct 2026 07:28:00 GMT", ""])
async def test_a_wait_that_makes_no_sense_is_none(wait: str) -> None:
    reply = answer({"error": "busy"}, 503)
    reply.headers["retry-after"] = wait
    with pytest.raises(Refusal) as caught:
        await accepted(reply)
    assert caught.value.fault.retry_after_s is None
    assert answer_of("openai", caught.value.fault).status == 503


async def test_the_visit_tells_who_and_what() -> None:
    world = SurfaceWorld(SMOL)
    one = call(world, {"type": "http.request", "body": b"{}"})
    await one.body()
    world.will(answer({}))
    await one.travel(one.ask("smol", "other"), lambda _: post_json("/y", {}))
    visit = world.journeys.visits[0]
    assert (visit.surface, visit.operation, visit.path, visit.bytes_in) == (
        "openai",
        "other",
        "/x",
        2,
    )
    assert visit.gone is world.gone


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff"])
def test_a_body_must_be_an_object(body: bytes) -> None:
    with pytest.raises(BadRequest):
        json_object(body)
