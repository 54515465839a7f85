"""`/api/discover`."""

from __future__ import annotations

from fakes.api_world import World, call
from fakes.discovery import discovery


async def test_it_shows_what_runs_and_what_could_run(world: World) -> None:
    answer = await call(world.app(), "GET", "/api/discover")
    assert answer.status == 200
    assert [server["port"] for server in answer.json["found"]] == [11434, 40213]
    assert answer.json["found"][0]["proposal"]["kind"] == "ollama"
    assert answer.json["found"][1]["part_of"]["label"] == "Ollama"
    assert answer.json["installed"][0]["needs"] == ["model_path"]
    assert (answer.json["took_ms"], answer.json["complete"]) == (212.5, True)
    assert world.discovery.scans == 1


async def test_an_empty_computer_is_shown_as_such(world: World) -> None:
    world.discovery.result = discovery(found=(), installed=())
    answer = await call(world.app(), "GET", "/api/discover")
    assert (answer.json["found"], answer.json["installed"]) == ([], [])


async def test_every_request_looks_anew(world: World) -> None:
    app = world.app()
    await call(app, "GET", "/api/discover")
    await call(app, "GET", "/api/discover")
    assert world.discovery.scans == 2
