"""A derived model at OpenAI's addresses: its system prompt goes along, the answer passes."""

from __future__ import annotations

from fakes.surface_world import SMOL, SSE_HEADERS, FakeReply, SurfaceWorld, answer, whole
from msgspec.structs import replace

from llama_runner_pro.config.derived import DerivedModelSpec
from llama_runner_pro.gateway.ports import Progress

HI = {"role": "user", "content": "Hi"}
SYSTEM = {"role": "system", "content": "Talk like a pirate"}


def pirate_world(state: str = "loaded") -> SurfaceWorld:
    """One derived model."""
    world = SurfaceWorld(replace(SMOL, name="pirate", aliases=(), state=state))
    world.table.recipes["pirate"] = DerivedModelSpec(
        name="pirate", base="smol", system="Talk like a pirate", parameters={"temperature": 0.5}
    )
    return world


async def test_a_chat_brings_the_models_own_prompt() -> None:
    world = pirate_world()
    world.will(answer(whole("Arr")))
    got = await world.at_openai("/v1/chat/completions", {"model": "pirate", "messages": [HI]})
    assert got.json["choices"][0]["message"]["content"] == "Arr"
    assert world.journeys.body == {
        "model": "up-name",
        "messages": [SYSTEM, HI],
        "temperature": 0.5,
    }


async def test_a_stream_passes_byte_for_byte() -> None:
    world = pirate_world()
    world.will(FakeReply(200, SSE_HEADERS, [b"data: 1\n\n", b"data: [DONE]\n\n"]))
    asked = {"model": "pirate", "messages": [HI], "stream": True}
    got = await world.at_ollama("/v1/chat/completions", asked)
    assert got.body == b"data: 1\n\ndata: [DONE]\n\n"
    assert world.journeys.asks[0].stream


async def test_a_streaming_client_hears_of_the_load() -> None:
    world = pirate_world("not_loaded")
    world.loading_text = True
    world.journeys.progress = [Progress(phase="loading", text="loading pirate")]
    world.will(FakeReply(200, SSE_HEADERS, [b"data: [DONE]\n\n"]))
    asked = {"model": "pirate", "messages": [HI], "stream": True}
    got = await world.at_openai("/v1/chat/completions", asked)
    delta = got.events[0][1]["choices"][0]["delta"]
    assert delta["reasoning_content"] == "loading pirate\n"


async def test_every_api_speaks_to_it() -> None:
    world = pirate_world()
    for path, asked in (
        ("/v1/messages", {"messages": [HI], "max_tokens": 5}),
        ("/v1/responses", {"input": "Hi"}),
        ("/api/v1/chat", {"input": "Hi"}),
        ("/api/v0/chat/completions", {"messages": [HI]}),
    ):
        world.journeys.kind = "openai"
        world.will(answer(whole("Arr")))
        got = await world.at_openai(path, {"model": "pirate", **asked})
        assert got.status == 200, got.body
        assert world.journeys.body["messages"] == [SYSTEM, HI], path
        assert world.journeys.body["temperature"] == 0.5
    for path, asked in (("/api/chat", {"messages": [HI]}), ("/api/generate", {"prompt": "Hi"})):
        world.will(answer(whole("Arr")))
        await world.at_ollama(path, {"model": "pirate:latest", "stream": False, **asked})
        assert world.journeys.body["messages"] == [SYSTEM, HI], path
        assert world.journeys.body["temperature"] == 0.5


async def test_garbage_is_refused_in_the_words_of_its_api() -> None:
    world = pirate_world()
    got = await world.at_openai("/v1/chat/completions", b"{")
    assert (got.status, got.json["error"]["code"]) == (400, "invalid_json")
    got = await world.at_ollama("/api/chat", b"{")
    assert (got.status, list(got.json)) == (400, ["error"])
