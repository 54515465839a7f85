"""The gateway over REST."""

from __future__ import annotations

import json

import pytest
from fakes.api_world import Answer, World, call
from fakes.configured import TOKEN
from fakes.gateway import request

from llama_runner_pro.endpoints.traffic import Captured

SHOWN = {"authorization": f"Bearer {TOKEN}"}


async def post(world: World, path: str, **body: object) -> Answer:
    return await call(
        world.app(), "POST", f"/api/gateway{path}", body=json.dumps(body).encode(), headers=SHOWN
    )


async def test_doors_models_and_breakers_come_together(world: World) -> None:
    answer = (await call(world.app(), "GET", "/api/gateway")).json
    assert [door["state"] for door in answer["doors"]] == ["open", "moved"]
    assert answer["doors"][1]["holder"] == "ollama (pid 4242)"
    assert [model["name"] for model in answer["models"]] == ["demo"]
    assert [breaker["state"] for breaker in answer["breakers"]] == ["closed"]


async def test_running_and_ended_requests_are_told_apart(world: World) -> None:
    world.gateway.requests = [request(1), request(2), request(3, ending=None, phase="loading")]
    answer = (await call(world.app(), "GET", "/api/gateway/requests")).json
    assert [one["id"] for one in answer["running"]] == ["r3"]
    assert [one["id"] for one in answer["ended"]] == ["r2", "r1"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("limit=1", ["r6"]),
        ("model=big", ["r2"]),
        ("endpoint=two", ["r3"]),
        ("surface=ollama", ["r4"]),
        ("outcome=failed", ["r6", "r5"]),
        ("outcome=cancelled", ["r4"]),
        ("outcome=ok&endpoint=two", ["r3"]),
    ],
)
async def test_requests_can_be_filtered(world: World, query: str, expected: list[str]) -> None:
    world.gateway.requests = [
        request(1),
        request(2, model="big"),
        request(3, endpoint="two"),
        request(4, surface="ollama", ending="client_gone"),
        request(5, ending="busy"),
        request(6, ending="cut_off"),
        request(7, ending=None, phase="streaming"),
    ]
    answer = (await call(world.app(), "GET", f"/api/gateway/requests?{query}")).json
    assert [one["id"] for one in answer["ended"]] == expected


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "surface=soap", "outcome=x", "q=1"])
async def test_a_filter_that_does_not_exist_is_refused(world: World, query: str) -> None:
    assert (await call(world.app(), "GET", f"/api/gateway/requests?{query}")).status == 422


async def test_a_breaker_is_opened_by_hand_or_not_found(world: World) -> None:
    opened = await post(world, "/breakers", endpoint="demo", model="demo", action="open")
    assert (opened.status, opened.json["state"], opened.json["forced"]) == (200, "open", True)
    missing = await post(world, "/breakers", endpoint="demo", model="other", action="reset")
    assert (missing.status, missing.json["code"]) == (404, "no_upstream")
    wrong = await post(world, "/breakers", endpoint="demo", model="demo", action="explode")
    assert wrong.status == 422


async def test_a_door_moves_back(world: World) -> None:
    answer = await post(world, "/doors/ollama/reopen")
    assert (answer.json["state"], answer.json["actual_port"]) == ("open", 11434)


async def test_a_model_is_loaded_and_unloaded(world: World) -> None:
    unloaded = await post(world, "/models/unload", model="demo")
    loaded = await post(world, "/models/load", model="demo")
    assert (unloaded.json["state"], loaded.json["state"]) == ("not_loaded", "loaded")
    missing = await post(world, "/models/load", model="gone")
    assert (missing.status, missing.json["code"]) == (404, "unknown_model")
    assert missing.json["known"] == ["demo"]


async def test_a_page_is_allowed_with_the_token_only(world: World) -> None:
    answer = await post(world, "/origins", origin="https://chat.example")
    assert (answer.status, world.gateway.allowed) == (200, ["https://chat.example"])


async def test_texts_are_shown_and_forgotten_with_the_token_only(world: World) -> None:
    text = Captured(
        id="r1", t_ms=1, request="hello", request_bytes=5, response="", response_bytes=0
    )
    world.gateway.texts = [text]
    app = world.app()
    assert (await call(app, "GET", "/api/gateway/captures")).status == 401
    answer = await call(app, "GET", "/api/gateway/captures", headers=SHOWN)
    assert answer.json["captures"][0]["request"] == "hello"
    await call(app, "DELETE", "/api/gateway/captures", headers=SHOWN)
    assert world.gateway.texts == []
