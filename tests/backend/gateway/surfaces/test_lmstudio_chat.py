"""LM Studio's own chat at our door: events while it loads, state, honest ends."""

from __future__ import annotations

from typing import Any

from fakes.surface_world import SMOL, FakeReply, SurfaceWorld, answer, said, stream, whole
from msgspec.structs import replace

from llama_runner_pro.core.errors import LoadFailed, ModelNotFound, UpstreamBroken
from llama_runner_pro.gateway.ports import Progress

PATH = "/api/v1/chat"
HI: dict[str, Any] = {"model": "smol", "input": "Hi"}


async def test_a_conversation_goes_on_where_it_was() -> None:
    world = SurfaceWorld()
    world.will(answer(whole("Hello")), answer(whole("Bye")))
    first = await world.at_openai(PATH, HI)
    assert first.json["output"] == [{"type": "message", "content": "Hello"}]
    more = {**HI, "input": "And?", "previous_response_id": first.json["response_id"]}
    second = await world.at_openai(PATH, {**more, "store": False})
    assert "response_id" not in second.json
    assert world.journeys.body["messages"] == [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello"},
        {"role": "user", "content": "And?"},
    ]
    unknown = await world.at_openai(PATH, {**HI, "previous_response_id": "resp_x"})
    assert unknown.status == 404


async def test_a_loaded_model_streams_at_once_and_its_answer_is_remembered() -> None:
    world = SurfaceWorld()
    world.will(stream(said("Hel"), said("lo", "stop")), answer(whole("x")))
    got = await world.at_openai(PATH, {**HI, "stream": True})
    names = [name for name, _ in got.events]
    assert names[:2] == ["chat.start", "prompt_processing.start"]
    assert names[-2:] == ["message.end", "chat.end"]
    result = got.events[-1][1]["result"]
    await world.at_openai(PATH, {**HI, "previous_response_id": result["response_id"]})
    assert world.journeys.body["messages"][1] == {"role": "assistant", "content": "Hello"}


async def test_loading_is_told_while_it_happens() -> None:
    world = SurfaceWorld(replace(SMOL, state="not_loaded"))
    world.journeys.progress = [Progress(phase="loading", text="loads", ratio=0.25)]
    reply = stream(said("Hi", "stop"))
    reply.load_ms = 1500
    world.will(reply)
    got = await world.at_openai(PATH, {**HI, "stream": True})
    told = dict(got.events)
    assert [name for name, _ in got.events][:4] == [
        "chat.start",
        "model_load.start",
        "model_load.progress",
        "model_load.end",
    ]
    assert told["model_load.progress"]["progress"] == 0.25
    assert told["model_load.end"]["load_time_seconds"] == 1.5
    assert told["chat.end"]["result"]["stats"]["model_load_time_seconds"] == 1.5
    assert reply.closed


async def test_a_load_that_fails_is_an_event_and_the_chat_still_ends() -> None:
    world = SurfaceWorld(replace(SMOL, state="not_loaded"))
    world.will(LoadFailed("no memory"))
    got = await world.at_openai(PATH, {**HI, "stream": True})
    names = [name for name, _ in got.events]
    assert names == ["chat.start", "model_load.start", "error", "chat.end"]
    assert got.events[2][1]["error"]["message"] == "no memory"


async def test_what_breaks_off_is_told_with_what_was_said() -> None:
    world = SurfaceWorld()
    world.will(stream(said("He"), error=UpstreamBroken("gone"), done=False))
    got = await world.at_openai(PATH, {**HI, "stream": True})
    assert got.events[-1][1]["result"]["output"] == [{"type": "message", "content": "He"}]
    error = dict(got.events)["error"]["error"]
    assert error == {"type": "internal_error", "message": "gone", "code": "upstream_broken"}


async def test_errors_before_the_first_event_have_their_own_status() -> None:
    world = SurfaceWorld()
    world.will(ModelNotFound("smol", []))
    assert (await world.at_openai(PATH, {**HI, "stream": True})).status == 404
    assert (await world.at_openai(PATH, {**HI, "model": "x"})).status == 404
    assert (await world.at_openai(PATH, {**HI, "model": ""})).status == 400


async def test_thoughts_of_a_model_that_certainly_has_none_are_refused() -> None:
    world = SurfaceWorld(replace(SMOL, lacks=("thinking",)))
    got = await world.at_openai(PATH, {**HI, "reasoning": "low"})
    assert (got.status, got.json["error"]["param"]) == (400, "reasoning")
    assert got.json["error"]["message"] == '"smol" does not support thinking'
    world.will(answer(whole("x")))
    assert (await world.at_openai(PATH, {**HI, "reasoning": "off"})).status == 200


async def test_a_real_lm_studio_behind_us_answers_itself() -> None:
    world = SurfaceWorld(replace(SMOL, kind="lmstudio"))
    world.journeys.kind = "lmstudio"
    world.will(FakeReply(pieces=[b'{"own":1}']))
    assert (await world.at_openai(PATH, HI)).json == {"own": 1}
    assert world.journeys.sent[0].path == PATH
