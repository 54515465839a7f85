"""LM Studio's older API at our door."""

from __future__ import annotations

from typing import Any

from fakes.surface_world import SMOL, FakeReply, SurfaceWorld, answer, said, stream, whole
from msgspec.structs import replace

from llama_runner_pro.core.errors import UpstreamBroken

HI: dict[str, Any] = {"model": "smol", "messages": [{"role": "user", "content": "Hi"}]}
USAGE = {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}}


async def test_models_are_listed_and_found() -> None:
    world = SurfaceWorld()
    assert (await world.at_openai("/api/v0/models")).json["data"][0]["state"] == "loaded"
    assert (await world.at_openai("/api/v0/models/little")).json["id"] == "smol"
    missing = await world.at_openai("/api/v0/models/x")
    assert (missing.status, missing.json["error"]["type"]) == (404, "model_not_found")


async def test_an_answer_carries_statistics_and_its_own_settings_stay_with_us() -> None:
    world = SurfaceWorld()
    world.will(answer(whole("Hello")))
    got = await world.at_openai("/api/v0/chat/completions", {**HI, "ttl": 60, "draft_model": "d"})
    assert got.json["choices"][0]["message"]["content"] == "Hello"
    assert got.json["stats"]["stop_reason"] == "eosFound"
    assert got.json["model_info"]["arch"] == "llama"
    assert got.json["runtime"] == {
        "name": "llamacpp",
        "version": "9.9",
        "supported_formats": ["gguf"],
    }
    assert world.journeys.asks[0].keep_alive_s == 60
    assert world.journeys.body == {**HI, "model": "up-name"}


async def test_a_stream_carries_statistics_in_its_last_chunk() -> None:
    world = SurfaceWorld()
    world.will(stream(said("He"), said("", "length"), USAGE))
    got = await world.at_openai("/api/v0/chat/completions", {**HI, "stream": True})
    assert all(line.startswith(b"data: ") for line in got.body.split(b"\n\n") if line)
    data = [told for _, told in got.events]
    assert "stats" not in data[0]
    assert data[1]["stats"]["stop_reason"] == "maxPredictedTokensReached"
    assert data[2] == "[DONE]"
    assert world.journeys.body["stream_options"] == {"include_usage": True}


async def test_completions_and_vectors_take_their_own_ways() -> None:
    world = SurfaceWorld()
    plain = {"choices": [{"text": "x", "finish_reason": "stop"}]}
    world.will(answer(plain), answer({"data": []}))
    got = await world.at_openai("/api/v0/completions", {"model": "smol", "prompt": "p"})
    assert "stats" in got.json
    got = await world.at_openai("/api/v0/embeddings", {"model": "smol", "input": "p"})
    assert got.json == {"data": []}
    assert [one.path for one in world.journeys.sent] == ["/v1/completions", "/v1/embeddings"]


async def test_a_real_lm_studio_behind_us_answers_itself() -> None:
    world = SurfaceWorld(replace(SMOL, kind="lmstudio"))
    world.journeys.kind = "lmstudio"
    world.will(FakeReply(pieces=[b'{"own":1}']))
    got = await world.at_openai("/api/v0/chat/completions", {**HI, "ttl": 60})
    assert got.json == {"own": 1}
    assert world.journeys.sent[0].path == "/api/v0/chat/completions"
    assert world.journeys.body["ttl"] == 60


async def test_what_breaks_off_ends_with_an_error_event() -> None:
    world = SurfaceWorld()
    world.will(stream(said("He"), error=UpstreamBroken("gone"), done=False))
    got = await world.at_openai("/api/v0/chat/completions", {**HI, "stream": True})
    _, told = got.events[-1]
    assert told["error"]["message"] == "gone"
