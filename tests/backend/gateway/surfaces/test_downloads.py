"""Downloads are passed on to a server that can, and what it has is asked for afterwards."""

from __future__ import annotations

from fakes.surface_world import SMOL, FakeReply, SurfaceWorld, answer
from msgspec.structs import replace

STUDIO = replace(SMOL, name="org/m", kind="lmstudio", endpoint="studio", aliases=())
PATH = "/api/v1/models/download"


async def test_a_real_lm_studio_downloads() -> None:
    world = SurfaceWorld(SMOL, STUDIO)
    world.will(answer({"job_id": "j", "status": "downloading"}))
    got = await world.at_openai(PATH, {"model": "org/x", "quantization": "Q4_K_M"})
    assert got.json["job_id"] == "j"
    assert world.journeys.asks[0].endpoint == "studio"
    assert world.journeys.body == {"model": "org/x", "quantization": "Q4_K_M"}
    assert world.table.log == [("look again", "studio")]


async def test_how_far_it_is_comes_from_there_as_well() -> None:
    world = SurfaceWorld(STUDIO)
    world.will(answer({"status": "completed"}))
    got = await world.at_openai(f"{PATH}/status/job_7")
    assert got.json == {"status": "completed"}
    assert (world.journeys.sent[0].method, world.journeys.sent[0].path) == (
        "GET",
        f"{PATH}/status/job_7",
    )


async def test_what_it_refuses_is_told() -> None:
    world = SurfaceWorld(STUDIO)
    world.will(FakeReply(404, pieces=[b'{"error":{"message":"no such model"}}']))
    got = await world.at_openai(PATH, {"model": "org/x"})
    assert (got.status, got.json["error"]["message"]) == (404, "no such model")
