"""The list of models in OpenAI's shape, as each door tells it."""

from __future__ import annotations

from fakes.surface_world import SMOL, SurfaceWorld
from msgspec.structs import replace


async def test_strict_clients_find_created_and_modest_ones_the_context() -> None:
    got = (await SurfaceWorld().at_openai("/v1/models")).json
    assert got["object"] == "list"
    assert got["data"][0] == {
        "id": "smol",
        "object": "model",
        "created": 1_767_268_800,
        "owned_by": "llamacpp",
        "context_length": 4096,
        "max_model_len": 4096,
    }
    assert [one["id"] for one in got["data"]] == ["smol", "little"]


async def test_one_model_is_found_by_a_name_with_slashes() -> None:
    world = SurfaceWorld(replace(SMOL, name="org/smol:q4"))
    assert (await world.at_openai("/v1/models/org/smol:q4")).json["id"] == "org/smol:q4"
    missing = await world.at_openai("/v1/models/other")
    assert (missing.status, missing.json["error"]["code"]) == (404, "model_not_found")


async def test_ollamas_door_tells_it_ollamas_way() -> None:
    world = SurfaceWorld()
    item = (await world.at_ollama("/v1/models")).json["data"][0]
    assert (item["id"], item["owned_by"]) == ("smol:latest", "library")
    assert (await world.at_ollama("/v1/models/smol")).json["id"] == "smol:latest"


async def test_looking_whether_somebody_is_there_does_no_harm() -> None:
    world = SurfaceWorld()
    for method in ("GET", "HEAD"):
        assert (await world.at_openai("/", method=method)).status == 200
