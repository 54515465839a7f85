"""Ollama's store: names are given and taken, files stay, and nobody waits for ever."""

from __future__ import annotations

from typing import Any

import pytest
from fakes.surface_table import FakeNames
from fakes.surface_world import SMOL, FakeReply, SurfaceWorld
from msgspec.structs import replace

from llama_runner_pro.config.derived import DerivedModelSpec


async def test_pulling_what_is_here_is_a_success() -> None:
    world = SurfaceWorld()
    got = await world.at_ollama("/api/pull", {"model": "smol"})
    assert [line["status"] for line in got.lines][::3] == ["pulling manifest", "success"]
    got = await world.at_ollama("/api/pull", {"name": "smol", "stream": False})
    assert got.json == {"status": "success"}


async def test_pulling_what_nobody_can_download_ends_at_once() -> None:
    world = SurfaceWorld()
    got = await world.at_ollama("/api/pull", {"model": "other:1b"})
    assert "model 'other:1b' not found" in got.lines[-1]["error"]
    got = await world.at_ollama("/api/pull", {"model": "other:1b", "stream": False})
    assert (got.status, got.json) == (404, {"error": "model 'other:1b' not found"})


async def test_a_real_ollama_behind_us_downloads() -> None:
    world = SurfaceWorld(SMOL, replace(SMOL, name="llama3:8b", kind="ollama", aliases=()))
    world.journeys.kind = "ollama"
    lines = [b'{"status":"pulling manifest"}\n', b'{"status":"success"}\n']
    world.will(FakeReply(200, {"content-type": "application/x-ndjson"}, lines))
    got = await world.at_ollama("/api/pull", {"model": "other:1b"})
    assert got.body == b"".join(lines)
    assert world.journeys.asks[0].endpoint == "local"
    assert world.table.log == [("look again", "local")]
    assert world.journeys.body == {"model": "other:1b"}


async def test_names_are_given_and_taken() -> None:
    names = FakeNames()
    world = SurfaceWorld(names=names)
    copied = await world.at_ollama("/api/copy", {"source": "smol", "destination": "mine"})
    deleted = await world.at_ollama("/api/delete", {"model": "little"}, method="DELETE")
    created = await world.at_ollama("/api/create", {"model": "bot", "from": "little:latest"})
    assert (copied.status, copied.body) == (deleted.status, deleted.body) == (200, b"")
    assert created.lines[-1] == {"status": "success"}
    assert names.log == [("copy", "smol", "mine"), ("delete", "little"), ("copy", "smol", "bot")]


async def test_a_model_of_ones_own_is_made_shown_and_copied() -> None:
    names = FakeNames()
    world = SurfaceWorld(names=names)
    asked = {"model": "bot", "from": "little", "system": "Be", "parameters": {"stop": ["X"]}}
    got = await world.at_ollama("/api/create", {**asked, "template": "{{ .Prompt }}"})
    assert got.lines[-1] == {"status": "success"}
    made = DerivedModelSpec(name="bot", base="smol", system="Be", stop=("X",))
    assert names.derived == [made]
    world = SurfaceWorld(SMOL, replace(SMOL, name="bot", aliases=()), names=names)
    world.table.recipes["bot"] = made
    shown = (await world.at_ollama("/api/show", {"model": "bot"})).json
    assert (shown["system"], shown["details"]["parent_model"]) == ("Be", "smol:latest")
    assert shown["parameters"].split() == ["stop", '"X"']
    tags = (await world.at_ollama("/api/tags")).json["models"]
    assert [one["details"]["parent_model"] for one in tags] == ["", "", "smol:latest"]
    await world.at_ollama("/api/copy", {"source": "bot", "destination": "bot2:latest"})
    assert names.derived[-1] == replace(made, name="bot2")
    # Made anew without anything of its own, it is no alias of itself but an empty one.
    await world.at_ollama("/api/create", {"model": "bot", "from": "smol", "stream": False})
    assert names.derived[-1] == DerivedModelSpec(name="bot", base="smol")


async def test_a_model_of_a_real_ollama_is_made_there() -> None:
    world = SurfaceWorld(replace(SMOL, name="llama3:8b", kind="ollama"), names=FakeNames())
    world.journeys.kind = "ollama"
    world.will(
        FakeReply(200, {"content-type": "application/x-ndjson"}, [b'{"status":"success"}\n'])
    )
    asked = {"model": "bot", "from": "llama3:8b", "system": "Be", "template": "{{ .X }}"}
    got = await world.at_ollama("/api/create", asked)
    assert got.body == b'{"status":"success"}\n'
    assert (world.journeys.sent[0].path, world.journeys.body) == ("/api/create", asked)
    assert world.table.log == [("look again", "local")]


@pytest.mark.parametrize(
    ("path", "body", "method", "status"),
    [
        ("/api/copy", {"source": "x", "destination": "y"}, "POST", 404),
        ("/api/copy", {"source": "smol"}, "POST", 400),
        ("/api/delete", {"model": "x"}, "DELETE", 404),
        ("/api/create", {"model": "x", "from": "gone", "system": "Be"}, "POST", 404),
        ("/api/create", {"model": "x", "from": "smol", "template": "{{ .X }}"}, "POST", 501),
        ("/api/create", {"model": "x", "from": "smol", "quantize": "q4"}, "POST", 501),
        ("/api/create", {"model": " ", "from": "smol", "system": "Be"}, "POST", 400),
        ("/api/create", {"model": "x", "from": "smol", "parameters": {"y": 1}}, "POST", 400),
        ("/api/create", {"model": "x", "from": "smol", "system": 7}, "POST", 400),
        ("/api/create", {"model": "x", "files": {}}, "POST", 501),
        ("/api/push", {"model": "smol"}, "POST", 501),
        ("/api/blobs/sha256:1", b"x", "POST", 501),
    ],
)
async def test_what_is_not_possible_is_said(path: str, body: Any, method: str, status: int) -> None:
    world = SurfaceWorld(names=FakeNames())
    got = await world.at_ollama(path, body, method=method)
    assert got.status == status
    assert got.json["error"]


async def test_without_a_place_for_names_they_cannot_change() -> None:
    got = await SurfaceWorld().at_ollama("/api/copy", {"source": "smol", "destination": "a"})
    assert got.status == 501


async def test_we_keep_no_blobs() -> None:
    got = await SurfaceWorld().at_ollama("/api/blobs/sha256:1", method="HEAD")
    assert got.status == 404
