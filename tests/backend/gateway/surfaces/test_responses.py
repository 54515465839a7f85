"""OpenAI's Responses at our door: translated, or passed on."""

from __future__ import annotations

from fakes.surface_world import (
    SMOL,
    SSE_HEADERS,
    FakeReply,
    SurfaceWorld,
    answer,
    said,
    stream,
    whole,
)
from msgspec.structs import replace

from llama_runner_pro.core.errors import UpstreamBroken

HI = {"model": "smol", "input": "Hi"}


def world_of(kind: str) -> SurfaceWorld:
    """One model on a server of `kind`."""
    world = SurfaceWorld(replace(SMOL, kind=kind))
    world.journeys.kind = kind
    return world


async def test_a_server_that_does_not_speak_it_is_translated() -> None:
    world = world_of("openai")
    world.will(answer(whole("Hello")), stream(said("Hey", "stop")))
    got = await world.at_openai("/v1/responses", HI)
    assert got.json["output"][0]["content"][0]["text"] == "Hello"
    got = await world.at_ollama("/v1/responses", {**HI, "stream": True})
    assert (got.events[0][0], got.events[-1][0]) == ("response.created", "response.completed")
    assert [one.path for one in world.journeys.sent] == ["/v1/chat/completions"] * 2


async def test_a_server_that_speaks_it_gets_the_request_as_it_is() -> None:
    world = world_of("vllm")
    world.will(FakeReply(200, SSE_HEADERS, [b"event: x\ndata: {}\n\n"]))
    got = await world.at_openai("/v1/responses", {**HI, "stream": True, "new": 1})
    assert got.body == b"event: x\ndata: {}\n\n"
    assert (world.journeys.sent[0].path, world.journeys.body["new"]) == ("/v1/responses", 1)


async def test_a_stream_that_breaks_off_ends_with_an_event_of_its_own_kind() -> None:
    world = world_of("openai")
    world.will(stream(said("Hey"), error=UpstreamBroken("gone"), done=False))
    got = await world.at_openai("/v1/responses", {**HI, "stream": True})
    name, told = got.events[-1]
    assert (name, told["type"], told["message"]) == ("error", "error", "gone")
    assert told["error"]["code"] == "upstream_broken"


async def test_tools_for_a_model_that_certainly_lacks_them_are_refused() -> None:
    world = SurfaceWorld(replace(SMOL, lacks=("tools",)))
    got = await world.at_openai(
        "/v1/responses", {**HI, "tools": [{"type": "function", "name": "x"}]}
    )
    assert (got.status, got.json["error"]["message"]) == (400, '"smol" does not support tools')
    assert (got.json["error"]["param"], world.journeys.asks) == ("tools", [])


async def test_an_error_before_the_first_event_has_its_own_status() -> None:
    world = world_of("openai")
    world.will(stream(error=UpstreamBroken("gone"), done=False))
    got = await world.at_openai("/v1/responses", {**HI, "stream": True})
    assert (got.status, got.json["error"]["message"]) == (502, "gone")
