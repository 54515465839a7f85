"""llama-server's router at our door: its lists and commands, answered by our own admission."""

from __future__ import annotations

import pytest
from fakes.surface_world import SMOL, SurfaceWorld
from msgspec.structs import replace

from llama_runner_pro.core.errors import LoadFailed
from llama_runner_pro.gateway.answers import router_states


def three_states() -> SurfaceWorld:
    """One loaded, one at rest, one that failed."""
    rest = replace(SMOL, name="rest", aliases=(), state="not_loaded")
    return SurfaceWorld(SMOL, rest, replace(rest, name="bad", state="failed"))


async def test_the_list_reads_like_a_routers() -> None:
    got = await three_states().at_openai("/models?reload=1")
    # Our own reader of real routers understands it.
    assert router_states(got.json) == {"smol": "loaded", "rest": "unloaded", "bad": "failed"}
    assert got.json["data"][0]["object"] == "model"


async def test_a_load_begins_at_once_and_is_not_waited_for() -> None:
    world = three_states()
    got = await world.at_openai("/models/load", {"model": "rest"})
    assert got.json == {"success": True}
    assert world.table.log == []
    world.table.error = LoadFailed("no room")
    await world.journeys.spawned.pop()  # its failure is told by the list alone
    assert world.table.log == [("load", "rest", None)]


async def test_what_is_loaded_is_not_loaded_twice() -> None:
    world = three_states()
    assert (await world.at_openai("/models/load", {"model": "little"})).status == 200
    assert world.journeys.spawned == []


async def test_a_model_is_unloaded() -> None:
    world = three_states()
    got = await world.at_openai("/models/unload", {"model": "smol"})
    assert got.json == {"success": True}
    assert world.table.log == [("unload", "smol")]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/models/load", {"model": "gone"}, 404),
        ("/models/load", {}, 400),
        ("/models/load", {"model": 7}, 400),
        ("/models/load", b"[" * 9_000, 400),
        ("/models/unload", {"model": "rest"}, 400),
        ("/models", {"model": "x"}, 501),
    ],
)
async def test_what_cannot_be_done_is_said_in_openais_words(
    path: str, body: object, status: int
) -> None:
    got = await three_states().at_openai(path, body)
    assert got.status == status
    assert got.json["error"]["message"]


async def test_ollamas_door_has_no_such_address() -> None:
    assert (await three_states().at_ollama("/models")).status == 404
