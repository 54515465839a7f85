"""Chats, completions and vectors at Ollama's door."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from fakes.surface_world import SMOL, FakeReply, SurfaceWorld, answer, said, stream, whole
from msgspec.structs import replace

from llama_runner_pro.core.errors import (
    LoadFailed,
    ModelNotFound,
    Saturated,
    UpstreamBroken,
)
from llama_runner_pro.gateway.ports import Visitor

EMPTY = {"role": "assistant", "content": ""}
HI = {"model": "smol", "messages": [{"role": "user", "content": "Hi"}]}


async def test_a_chat_streams_lines_and_ends_with_done() -> None:
    world = SurfaceWorld()
    usage = {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}}
    world.will(stream(said("", role="assistant"), said("He"), said("llo"), said("", "stop"), usage))
    got = await world.at_ollama("/api/chat", {**HI, "model": "Smol:latest"})
    assert (got.status, got.headers["content-type"]) == (200, "application/x-ndjson")
    assert [line["message"]["content"] for line in got.lines] == ["He", "llo", ""]
    assert [line["done"] for line in got.lines] == [False, False, True]
    assert all(line["model"] == "Smol:latest" for line in got.lines)
    assert (got.lines[-1]["prompt_eval_count"], got.lines[-1]["eval_count"]) == (3, 2)
    assert world.journeys.sent[0].path == "/v1/chat/completions"
    assert world.journeys.body["model"] == "up-name"
    ask = world.journeys.asks[0]
    assert (ask.model, ask.surface, ask.operation, ask.stream) == (
        "Smol:latest",
        "ollama",
        "chat",
        True,
    )
    assert ask.affinity is not None


async def test_without_streaming_a_chat_is_one_object() -> None:
    world = SurfaceWorld()
    world.will(answer(whole("Hello")))
    got = await world.at_ollama("/api/chat", {**HI, "stream": False})
    assert got.headers["content-type"] == "application/json"
    assert got.json["message"] == {"role": "assistant", "content": "Hello"}
    assert (got.json["done"], got.json["done_reason"]) == (True, "stop")


async def test_a_server_that_ignores_streaming_is_streamed_anyway() -> None:
    world = SurfaceWorld()
    world.will(answer(whole("Hello")))
    got = await world.at_ollama("/api/chat", HI)
    assert [line["message"]["content"] for line in got.lines] == ["Hello", ""]


async def test_waiting_and_loading_count_as_load_duration() -> None:
    world = SurfaceWorld()
    reply = answer(whole("x"))
    reply.queue_ms, reply.load_ms = 500, 1500
    world.will(reply)
    got = await world.at_ollama("/api/chat", {**HI, "stream": False, "keep_alive": "10m"})
    assert got.json["load_duration"] == 2_000_000_000
    assert world.journeys.asks[0].keep_alive_s == 600


async def test_a_real_ollama_behind_us_is_spoken_to_in_its_own_words() -> None:
    world = SurfaceWorld(replace(SMOL, kind="ollama"))
    world.journeys.kind = "ollama"
    lines = b'{"message":{"content":"x"},"done":true}\n'
    world.will(FakeReply(200, {"content-type": "application/x-ndjson"}, [lines]))
    body = {**HI, "options": {"num_ctx": 4}, "unknown": [1]}
    got = await world.at_ollama("/api/chat", body)
    assert got.body == lines
    assert world.journeys.sent[0].path == "/api/chat"
    assert world.journeys.body == {**body, "model": "up-name"}


@pytest.mark.parametrize(
    ("path", "body", "nothing"),
    [
        ("/api/chat", {"model": "smol"}, {"message": {"role": "assistant", "content": ""}}),
        (
            "/api/chat",
            {"model": "smol", "messages": []},
            {"message": {"role": "assistant", "content": ""}},
        ),
        ("/api/generate", {"model": "smol"}, {"response": ""}),
        ("/api/generate", {"model": "smol", "prompt": ""}, {"response": ""}),
    ],
)
async def test_nothing_to_say_loads_or_unloads_and_is_one_object(
    path: str, body: dict[str, object], nothing: dict[str, object]
) -> None:
    world = SurfaceWorld()
    got = await world.at_ollama(path, {**body, "keep_alive": -1})
    assert got.headers["content-type"] == "application/json"
    assert got.json == {
        "model": "smol",
        "created_at": "2026-01-01T12:00:00.000Z",
        **nothing,
        "done": True,
        "done_reason": "load",
    }
    got = await world.at_ollama(path, {**body, "keep_alive": 0})
    assert got.json["done_reason"] == "unload"
    assert world.table.log == [("load", "smol", -1.0), ("unload", "smol")]


async def test_a_load_that_fails_says_why() -> None:
    world = SurfaceWorld()
    world.table.error = LoadFailed("not enough memory", 30)
    got = await world.at_ollama("/api/generate", {"model": "smol"})
    assert (got.status, got.json) == (503, {"error": "not enough memory"})
    assert got.headers["retry-after"] == "30"


async def test_completions_of_all_three_kinds_find_their_way() -> None:
    world = SurfaceWorld()
    world.will(answer(whole("a")), answer({"choices": [{"text": "b", "finish_reason": "stop"}]}))
    world.will(answer({"content": "c", "stop": True}))
    asked = {"model": "smol", "prompt": "p", "stream": False}
    texts = [
        (await world.at_ollama("/api/generate", {**asked, **more})).json["response"]
        for more in ({}, {"raw": True}, {"suffix": "s"})
    ]
    assert texts == ["a", "b", "c"]
    assert [one.path for one in world.journeys.sent] == [
        "/v1/chat/completions",
        "/v1/completions",
        "/infill",
    ]


async def test_vectors_have_length_one_and_the_older_way_gives_one() -> None:
    world = SurfaceWorld()
    vectors = {"data": [{"index": 0, "embedding": [3, 4]}], "usage": {"prompt_tokens": 5}}
    world.will(answer(vectors), answer(vectors))
    got = await world.at_ollama("/api/embed", {"model": "smol", "input": "x"})
    assert math.hypot(*got.json["embeddings"][0]) == pytest.approx(1)
    assert got.json["prompt_eval_count"] == 5
    got = await world.at_ollama("/api/embeddings", {"model": "smol", "prompt": "x"})
    assert got.json == {"embedding": [3, 4]}
    world.will(answer(vectors))
    got = await world.at_ollama("/api/embed", {"model": "smol", "input": "x", "dimensions": 1})
    assert got.json["embeddings"] == [[1]]
    for path, body in (("/api/embed", {"input": []}), ("/api/embeddings", {"prompt": ""})):
        got = await world.at_ollama(path, {"model": "smol", **body})
        assert next(value for name, value in got.json.items() if name != "model") == []


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"", 400, "missing request body"),
        (b"{", 400, "invalid request"),
        ({"messages": []}, 400, "model is required"),
        ({"model": "x:1b", "messages": []}, 404, "model 'x:1b' not found"),
        ({**HI, "options": {"top_k": "x"}}, 400, 'option "top_k" must be of type int'),
        ({**HI, "keep_alive": "soon"}, 400, "invalid duration"),
        ({**HI, "format": "xml"}, 400, "invalid format"),
    ],
)
async def test_bad_requests_are_refused_before_anything_is_asked(
    body: object, status: int, said: str
) -> None:
    world = SurfaceWorld()
    got = await world.at_ollama("/api/chat", body)
    assert got.status == status
    assert said in got.json["error"]
    assert world.journeys.asks == []


async def test_a_model_for_vectors_cannot_chat_and_says_so() -> None:
    world = SurfaceWorld(replace(SMOL, operation="embedding"))
    got = await world.at_ollama("/api/chat", HI)
    assert (got.status, got.json["error"]) == (400, '"smol" does not support chat')


@pytest.mark.parametrize(
    ("path", "more", "lacking"),
    [
        ("/api/chat", {"tools": [{"type": "function"}]}, "tools"),
        ("/api/chat", {"think": True}, "thinking"),
        ("/api/chat", {"think": "low", "tools": []}, "thinking"),
        ("/api/generate", {"think": True}, "thinking"),
    ],
)
async def test_what_a_model_certainly_lacks_is_refused_by_name(
    path: str, more: dict[str, Any], lacking: str
) -> None:
    world = SurfaceWorld(replace(SMOL, lacks=("tools", "thinking")))
    got = await world.at_ollama(path, {**HI, "prompt": "Hi", **more})
    assert (got.status, got.json["error"]) == (400, f'"smol" does not support {lacking}')
    assert world.journeys.asks == []
    # What nobody knows is left to the server.
    unknown = SurfaceWorld()
    unknown.will(answer(whole("x")))
    assert (await unknown.at_ollama(path, {**HI, "prompt": "Hi", **more, "stream": False})).json


@pytest.mark.parametrize("more", [{"tools": []}, {"think": False}, {"think": None}])
async def test_what_is_not_asked_for_may_lack(more: dict[str, Any]) -> None:
    world = SurfaceWorld(replace(SMOL, lacks=("tools", "thinking")))
    world.will(answer(whole("x")))
    assert (await world.at_ollama("/api/chat", {**HI, **more, "stream": False})).status == 200


async def test_errors_before_the_first_line_have_their_own_status() -> None:
    world = SurfaceWorld()
    refused = answer({"error": {"message": "context too long", "code": 400}}, 400)
    for reply, status, words in (
        (Saturated("the queue is full", 2), 503, "the queue is full"),
        (ModelNotFound("smol", []), 404, "model 'smol' not found"),
        (refused, 400, "context too long"),
        (stream({"error": {"message": "no slot"}}), 500, "no slot"),
    ):
        world.will(reply)
        got = await world.at_ollama("/api/chat", HI)
        assert (got.status, got.json["error"]) == (status, words)


async def test_an_error_after_the_first_line_is_the_last_line() -> None:
    world = SurfaceWorld()
    world.will(stream(said("He"), error=UpstreamBroken("it hung up"), done=False))
    got = await world.at_ollama("/api/chat", HI)
    assert got.status == 200
    assert got.lines[-1] == {"error": "it hung up"}
    world.will(stream(said("He"), done=False))
    got = await world.at_ollama("/api/chat", HI)
    assert "too early" in got.lines[-1]["error"]


async def test_half_a_line_of_a_broken_ollama_stays_apart_from_the_error() -> None:
    world = SurfaceWorld(replace(SMOL, kind="ollama"))
    world.journeys.kind = "ollama"
    headers = {"content-type": "application/x-ndjson"}
    world.will(FakeReply(200, headers, [b'{"mess'], UpstreamBroken("it hung up")))
    got = await world.at_ollama("/api/chat", HI)
    assert got.body == b'{"mess\n{"error":"it hung up"}\n'


async def test_a_client_that_left_gets_nothing_and_loads_nothing() -> None:
    world = SurfaceWorld()
    world.gone.set()
    assert (await world.at_ollama("/api/generate", {"model": "smol"})).status == 0
    assert world.table.log == []


async def test_the_key_decides_which_models_there_are() -> None:
    world = SurfaceWorld(SMOL, replace(SMOL, name="secret", aliases=()))
    world.visitor = Visitor(key="k", models=("smol",), priority=3)
    got = await world.at_ollama("/api/chat", {**HI, "model": "secret"})
    assert (got.status, "may not use" in got.json["error"]) == (403, True)
    assert "secret" not in json.dumps((await world.at_ollama("/api/tags")).json)
    world.will(answer(whole("x")))
    await world.at_ollama("/api/chat", {**HI, "stream": False})
    assert (world.journeys.asks[0].key, world.journeys.asks[0].priority) == ("k", 3)


@pytest.mark.parametrize("named", ["SMOL", "smol:latest", "little", "local"])
async def test_a_key_may_call_a_model_by_any_of_its_names(named: str) -> None:
    world = SurfaceWorld(SMOL, replace(SMOL, name="secret", aliases=(), endpoint="other"))
    world.visitor = Visitor(key="k", models=(named,))
    world.will(answer(whole("x")))
    assert (await world.at_ollama("/api/chat", {**HI, "stream": False})).status == 200
    listed = (await world.at_ollama("/api/tags")).json["models"]
    assert {one["name"] for one in listed} == {"smol:latest", "little:latest"}


async def test_a_body_that_is_too_large_is_refused() -> None:
    world = SurfaceWorld()
    world.body_limit_bytes = 10
    assert (await world.at_ollama("/api/chat", HI)).status == 413


async def test_texts_that_are_too_long_to_embed_are_cut_unless_the_client_minds() -> None:
    world = SurfaceWorld()
    refusal = {"error": {"code": 500, "message": "input (600 tokens) is too large (batch: 512)"}}
    vectors = {"data": [{"index": 0, "embedding": [3, 4]}], "usage": {"prompt_tokens": 5}}
    world.will(answer(refusal, 500), answer(vectors))
    got = await world.at_ollama("/api/embed", {"model": "smol", "input": "x" * 1_000})
    assert (got.status, got.json["prompt_eval_count"]) == (200, 5)
    assert world.journeys.body["input"] == ["x" * 768]
    world.will(answer(refusal, 500))
    asked = {"model": "smol", "input": "x" * 1_000, "truncate": False}
    got = await world.at_ollama("/api/embed", asked)
    assert (got.status, "too large" in got.json["error"]) == (500, True)
    world.will(answer(refusal, 500), answer(refusal, 500), answer(refusal, 500))
    got = await world.at_ollama("/api/embed", {"model": "smol", "input": "x" * 1_000})
    assert got.status == 500
