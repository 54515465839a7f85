"""What Ollama's clients ask before they talk."""

from __future__ import annotations

from fakes.surface_world import SMOL, SurfaceWorld
from msgspec.structs import replace


async def test_clients_recognise_ollama() -> None:
    world = SurfaceWorld()
    assert (await world.at_ollama("/")).body == b"Ollama is running"
    head = await world.at_ollama("/", method="HEAD")
    assert head.status == 200
    assert head.headers["content-length"] == "17"
    version = (await world.at_ollama("/api/version")).json["version"]
    assert [int(part) for part in version.split(".")] > [0, 6, 4]
    assert (await world.at_ollama("/api/status")).json["cloud"]["disabled"] is True


async def test_the_list_has_every_name_tagged_and_the_newest_first() -> None:
    world = SurfaceWorld(SMOL, replace(SMOL, name="new:8b", aliases=(), modified_ms=2 * 10**12))
    models = (await world.at_ollama("/api/tags")).json["models"]
    assert [one["name"] for one in models] == ["new:8b", "smol:latest", "little:latest"]
    assert all(one["name"] == one["model"] for one in models)


async def test_only_loaded_models_run_the_longest_first() -> None:
    world = SurfaceWorld(
        replace(SMOL, name="soon", expires_ms=10),
        replace(SMOL, name="off", state="not_loaded"),
        replace(SMOL, name="never", expires_ms=None),
        replace(SMOL, name="later", expires_ms=20),
    )
    models = (await world.at_ollama("/api/ps")).json["models"]
    assert [one["name"] for one in models] == ["never:latest", "later:latest", "soon:latest"]


async def test_show_takes_both_fields_and_knows_aliases() -> None:
    world = SurfaceWorld()
    for field in ("model", "name"):
        got = await world.at_ollama("/api/show", {field: "LITTLE:latest"})
        assert got.json["model_info"]["llama.context_length"] == 4096
        assert got.json["capabilities"] == ["completion", "tools"]
    got = await world.at_ollama(
        "/api/show", {"model": "little"}, headers={"user-agent": "GitHubCopilotChat/0.3"}
    )
    assert got.json["model_info"]["general.basename"] == "little"
    assert (await world.at_ollama("/api/show", {"model": "x"})).status == 404
    assert (await world.at_ollama("/api/show", {})).json == {"error": "model is required"}
