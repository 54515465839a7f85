"""Which door answers what, and how it refuses the rest."""

from __future__ import annotations

import json

import pytest
from fakes.surface_world import SMOL, SurfaceWorld
from msgspec.structs import replace

from llama_runner_pro.endpoints.traffic import ModelView


async def test_clients_that_guess_the_server_guess_right_at_both_doors() -> None:
    world = SurfaceWorld()
    assert (await world.at_openai("/api/v1/models")).status == 200
    assert (await world.at_openai("/api/tags")).status == 404
    assert (await world.at_ollama("/api/v1/models")).status == 404
    assert (await world.at_ollama("/api/tags")).status == 200


@pytest.mark.parametrize(
    ("path", "method"),
    [("/api/chat", "GET"), ("/api/tags", "POST"), ("/api/delete", "POST"), ("/", "POST")],
)
async def test_the_wrong_method_on_a_known_address_is_405(path: str, method: str) -> None:
    got = await SurfaceWorld().at_ollama(path, {}, method=method)
    assert got.status == 405
    assert isinstance(got.json["error"], str)


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ("/v1/nothing", {"message", "type", "param", "code"}),
        ("/v1/messages/nothing", {"type", "message"}),
        ("/api/v0/nothing", {"message", "type", "param", "code"}),
    ],
)
async def test_what_is_not_there_is_said_in_the_dialect_of_the_address(
    path: str, keys: set[str]
) -> None:
    got = await SurfaceWorld().at_openai(path)
    assert got.status == 404
    assert set(got.json["error"]) == keys


async def test_pages_may_ask_before_they_ask() -> None:
    world = SurfaceWorld()
    for path in ("/api/chat", "/nothing"):
        got = await world.at_ollama(
            path, method="OPTIONS", headers={"origin": "vscode-webview://a"}
        )
        assert got.status == 204
        assert got.headers["access-control-allow-origin"] == "vscode-webview://a"


async def test_an_error_of_ours_is_still_an_answer_in_the_dialect() -> None:
    broken = ModelView(name="x", endpoint="e", kind="k", state="loaded", modified_ms=10**18)
    world = SurfaceWorld(replace(SMOL), broken)
    with pytest.raises((ValueError, OverflowError, OSError)):
        await world.at_ollama("/api/tags")
    assert world.sent[0]["status"] == 500
    assert json.loads(world.sent[1]["body"])["error"].startswith("something failed")
