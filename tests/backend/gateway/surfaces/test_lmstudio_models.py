"""LM Studio's newer API at our door: models, loading, downloads."""

from __future__ import annotations

from typing import Any

import pytest
from fakes.surface_world import SMOL, SurfaceWorld
from msgspec.structs import replace

from llama_runner_pro.core.errors import LoadFailed


async def test_models_are_listed_by_key() -> None:
    got = (await SurfaceWorld().at_openai("/api/v1/models")).json
    assert got["models"][0]["key"] == "smol"


async def test_a_model_is_loaded_and_unloaded() -> None:
    world = SurfaceWorld(replace(SMOL, state="not_loaded"))
    asked = {"model": "smol", "echo_load_config": True, "context_length": 99}
    assert (await world.at_openai("/api/v1/models/load", asked)).json == {
        "type": "llm",
        "instance_id": "smol",
        "load_time_seconds": 0.0,
        "status": "loaded",
        "load_config": {"context_length": 4096},
    }
    got = await world.at_openai("/api/v1/models/unload", {"instance_id": "smol"})
    assert got.json == {"instance_id": "smol"}
    assert [one[0] for one in world.table.log] == ["load", "ask", "unload"]


async def test_what_a_model_was_loaded_with_is_told_once_its_server_has_said_it() -> None:
    world = SurfaceWorld(replace(SMOL, state="not_loaded", context_length=None))
    world.table.later["smol"] = replace(SMOL, context_length=2048)
    asked = {"model": "smol", "echo_load_config": True}
    got = await world.at_openai("/api/v1/models/load", asked)
    assert got.json["load_config"] == {"context_length": 2048}
    assert world.table.log == [("load", "smol", None), ("ask", "smol")]
    await world.at_openai("/api/v1/models/load", {"model": "smol"})
    assert world.table.log[-1][0] == "load", "nobody waits for what nobody wants to know"


async def test_a_load_that_fails_is_told() -> None:
    world = SurfaceWorld()
    world.table.error = LoadFailed("no memory")
    got = await world.at_openai("/api/v1/models/load", {"model": "smol"})
    assert (got.status, got.json["error"]["message"]) == (503, "no memory")


async def test_downloads_are_only_those_that_are_here() -> None:
    world = SurfaceWorld()
    got = await world.at_openai("/api/v1/models/download", {"model": "smol"})
    assert got.json == {"status": "already_downloaded", "total_size_bytes": 100}
    got = await world.at_openai("/api/v1/models/download", {"model": "org/x"})
    assert (got.status, got.json["error"]["type"]) == (501, "not_implemented")
    got = await world.at_openai("/api/v1/models/download/status/job_1")
    assert (got.status, got.json["error"]["type"]) == (404, "job_not_found")


@pytest.mark.parametrize(
    ("path", "body", "param"),
    [
        ("load", {}, "model"),
        ("unload", {}, "instance_id"),
        ("download", {}, "model"),
        ("load", b"{", None),
    ],
)
async def test_what_is_missing_is_named(path: str, body: Any, param: str | None) -> None:
    got = await SurfaceWorld().at_openai(f"/api/v1/models/{path}", body, method="POST")
    assert (got.status, got.json["error"]["param"]) == (400, param)
