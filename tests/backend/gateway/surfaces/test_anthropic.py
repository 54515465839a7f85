"""Anthropic's API at our door: translated, passed on, or honestly refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
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

from llama_runner_pro.core.errors import NotReady, UpstreamBroken

HI: dict[str, Any] = {
    "model": "smol",
    "max_tokens": 5,
    "messages": [{"role": "user", "content": "Hi"}],
}
RECORDED = (
    Path(__file__).parents[2] / "fixtures" / "llamacpp" / "messages_emoji_stream.txt"
).read_bytes()


def world_of(kind: str) -> SurfaceWorld:
    """One model on a server of `kind`."""
    world = SurfaceWorld(replace(SMOL, kind=kind))
    world.journeys.kind = kind
    return world


async def test_a_server_that_does_not_speak_it_is_translated() -> None:
    world = world_of("vllm")
    world.will(answer(whole("Hello")), stream(said("He"), said("y", "stop")))
    got = await world.at_openai("/v1/messages", HI)
    assert got.json["content"] == [{"type": "text", "text": "Hello"}]
    assert got.json["model"] == "smol"
    assert got.json["usage"] == {"input_tokens": 3, "output_tokens": 2}
    got = await world.at_openai("/v1/messages", {**HI, "stream": True})
    assert got.headers["content-type"] == "text/event-stream"
    assert (got.events[0][0], got.events[-1][0]) == ("message_start", "message_stop")
    assert [one.path for one in world.journeys.sent] == ["/v1/chat/completions"] * 2


async def test_a_server_that_speaks_it_gets_the_request_as_it_is() -> None:
    world = world_of("llamacpp")
    sent = b": ping\n\nevent: message_start\ndata: {}\n\nevent: x\ndata: {}\n\n"
    world.will(FakeReply(200, SSE_HEADERS, [sent[:30], sent[30:]]))
    got = await world.at_openai("/v1/messages", {**HI, "stream": True, "metadata": {"a": 1}})
    assert got.body == sent
    assert world.journeys.sent[0].path == "/v1/messages"
    assert world.journeys.body["metadata"] == {"a": 1}


@pytest.mark.parametrize("size", [1, 7, 10_000])
async def test_an_answer_that_begins_with_an_emoji_has_its_first_event(size: int) -> None:
    # As llama.cpp sent it: its first token was a part of a character.
    world = world_of("llamacpp")
    pieces = [RECORDED[at : at + size] for at in range(0, len(RECORDED), size)]
    world.will(FakeReply(200, SSE_HEADERS, pieces))
    got = await world.at_openai("/v1/messages", {**HI, "stream": True})
    assert got.body.endswith(RECORDED)
    names = [name for name, _ in got.events]
    assert names[:3] == ["message_start", "content_block_start", "content_block_delta"]
    assert names.count("message_start") == 1
    message = got.events[0][1]["message"]
    assert (message["role"], message["model"], message["content"]) == ("assistant", "smol", [])


async def test_an_error_instead_of_an_answer_is_passed_on_as_it_is() -> None:
    world = world_of("llamacpp")
    sent = b'event: error\ndata: {"type":"error"}\n\n'
    world.will(FakeReply(200, SSE_HEADERS, [sent]))
    assert (await world.at_openai("/v1/messages", {**HI, "stream": True})).body == sent


async def test_errors_speak_anthropics_dialect_before_and_after_the_first_byte() -> None:
    world = world_of("vllm")
    world.will(
        NotReady("it loads", 3), stream(said("He"), error=UpstreamBroken("gone"), done=False)
    )
    got = await world.at_openai("/v1/messages", HI)
    assert (got.status, got.headers["retry-after"]) == (529, "3")
    assert got.json["error"] == {"type": "overloaded_error", "message": "it loads"}
    got = await world.at_openai("/v1/messages", {**HI, "stream": True})
    name, told = got.events[-1]
    assert (name, told["error"]["message"]) == ("error", "gone")


async def test_tools_for_a_model_that_certainly_lacks_them_are_refused() -> None:
    world = SurfaceWorld(replace(SMOL, lacks=("tools", "thinking")))
    tool = {"name": "x", "input_schema": {"type": "object"}}
    got = await world.at_openai("/v1/messages", {**HI, "tools": [tool]})
    assert (got.status, world.journeys.asks) == (400, [])
    error = {"type": "invalid_request_error", "message": '"smol" does not support tools'}
    assert got.json == {"type": "error", "error": error}
    # Programs for this API ask for thoughts whatever the model; real Ollama lets them, too.
    world.will(FakeReply(pieces=[b"{}"]))
    thinking = {"type": "enabled", "budget_tokens": 1024}
    assert (await world.at_openai("/v1/messages", {**HI, "thinking": thinking})).status == 200


async def test_tokens_are_counted_where_somebody_can() -> None:
    world = world_of("llamacpp")
    world.will(answer({"input_tokens": 9}))
    assert (await world.at_openai("/v1/messages/count_tokens", HI)).json == {"input_tokens": 9}
    world = world_of("vllm")
    world.will(answer({"count": 7, "max_model_len": 1}))
    assert (await world.at_openai("/v1/messages/count_tokens", HI)).json == {"input_tokens": 7}
    assert world.journeys.sent[0].path == "/tokenize"
    got = await world_of("openai").at_openai("/v1/messages/count_tokens", HI)
    assert got.status == 501


async def test_an_older_server_of_a_family_that_speaks_it_is_translated_for() -> None:
    world = SurfaceWorld()
    world.table.old = {"local"}
    world.will(answer(whole("Hello")))
    body = {"model": "smol", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}]}
    got = await world.at_openai("/v1/messages", body)
    assert got.json["content"] == [{"type": "text", "text": "Hello"}]
    assert world.journeys.sent[0].path == "/v1/chat/completions"
    assert (await world.at_openai("/v1/messages/count_tokens", body)).status == 501
