"""Streaming clients hear of a load in their own words, if wished; errors stay theirs too."""

from __future__ import annotations

from typing import Any

import pytest
from fakes.surface_world import SMOL, FakeReply, SurfaceWorld, said, stream
from msgspec.structs import replace

from llama_runner_pro.core.errors import LoadFailed
from llama_runner_pro.gateway.ports import Progress

USER = {"role": "user", "content": "Hi"}
ASKED: dict[str, Any] = {"model": "smol", "stream": True}
QUEUED = Progress(phase="queued", text="waiting for a free slot", position=1)
LOADING = Progress(phase="loading", text="loading\nsmol")


def loading(*progress: Progress) -> SurfaceWorld:
    """The model is not loaded, and clients are told so."""
    world = SurfaceWorld(replace(SMOL, state="not_loaded"))
    world.loading_text = True
    world.journeys.progress = list(progress)
    return world


async def test_ollama_clients_see_thinking() -> None:
    world = loading(LOADING)
    world.will(stream(said("Hi", "stop")))
    got = await world.ask(world.ollama, "/api/chat", {**ASKED, "messages": [USER]})
    first, second, *_, last = got.lines
    assert first["message"] == {"role": "assistant", "content": "", "thinking": "loading\nsmol\n"}
    assert (first["done"], second["message"]["content"], last["done"]) == (False, "Hi", True)


async def test_so_do_those_that_complete_text() -> None:
    world = loading(LOADING)
    world.will(stream(said("Hi", "stop")))
    got = await world.ask(world.ollama, "/api/generate", {**ASKED, "prompt": "Hi"})
    assert (got.lines[0]["response"], got.lines[0]["thinking"]) == ("", "loading\nsmol\n")


async def test_lm_studio_clients_see_reasoning() -> None:
    world = loading(LOADING)
    world.will(stream(said("Hi", "stop")))
    body = {**ASKED, "messages": [USER]}
    got = await world.ask(world.openai, "/api/v0/chat/completions", body)
    delta = got.events[0][1]["choices"][0]["delta"]
    assert delta["reasoning_content"] == "loading\nsmol\n"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/messages", {"max_tokens": 9, "messages": [USER]}),
        ("/v1/responses", {"input": "Hi"}),
    ],
)
async def test_others_get_a_comment_that_keeps_the_line_open(
    path: str, body: dict[str, Any]
) -> None:
    world = loading(LOADING)
    world.journeys.kind = "vllm" if path == "/v1/messages" else "llamacpp"
    world.will(stream(said("Hi", "stop")))
    got = await world.ask(world.openai, path, {**ASKED, **body})
    assert got.body.startswith(b": loading smol\n\nevent: ")


async def test_a_load_that_fails_is_told_within_the_stream() -> None:
    world = loading(LOADING)
    world.will(LoadFailed("no memory"))
    got = await world.ask(world.ollama, "/api/chat", {**ASKED, "messages": [USER]})
    assert got.status == 200
    assert got.lines[-1] == {"error": "no memory"}


async def test_one_that_fails_before_a_word_has_its_own_status() -> None:
    world = loading(QUEUED)
    world.will(LoadFailed("no memory"))
    got = await world.ask(world.ollama, "/api/chat", {**ASKED, "messages": [USER]})
    assert (got.status, got.json) == (503, {"error": "no memory"})


async def test_a_real_ollama_goes_on_in_its_own_words() -> None:
    world = SurfaceWorld(replace(SMOL, state="not_loaded", kind="ollama"))
    world.loading_text, world.journeys.kind = True, "ollama"
    world.journeys.progress = [LOADING]
    own = FakeReply(headers={"content-type": "application/x-ndjson"}, pieces=[b'{"own":1}\n'])
    world.will(own)
    got = await world.ask(world.ollama, "/api/chat", {**ASKED, "messages": [USER]})
    assert [one.get("own") for one in got.lines] == [None, 1]
    assert own.closed


@pytest.mark.parametrize("wished", [True, False])
async def test_nobody_is_told_unless_that_is_wished_and_something_loads(wished: bool) -> None:
    world = SurfaceWorld(SMOL if wished else replace(SMOL, state="not_loaded"))
    world.loading_text = wished
    world.journeys.progress = [LOADING]
    world.will(stream(said("Hi", "stop")))
    got = await world.ask(world.ollama, "/api/chat", {**ASKED, "messages": [USER]})
    assert got.lines[0]["message"]["content"] == "Hi"
