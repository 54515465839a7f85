"""An answer is translated, unless its server speaks the client's own API."""

from __future__ import annotations

from typing import Any

import pytest
from fakes.surface_world import SMOL, FakeReply, SurfaceWorld, answer, whole
from msgspec.structs import replace

CHAT: dict[str, Any] = {
    "model": "smol",
    "stream": False,
    "messages": [{"role": "user", "content": "Hi"}],
}


async def test_a_whole_answer_is_translated() -> None:
    world = SurfaceWorld()
    world.will(answer(whole("Hello")))
    got = await world.ask(world.ollama, "/api/chat", CHAT)
    assert got.json["message"]["content"] == "Hello"


async def test_its_own_passes_as_it_is() -> None:
    world = SurfaceWorld(replace(SMOL, kind="ollama"))
    world.journeys.kind = "ollama"
    world.will(FakeReply(pieces=[b'{ "as": "it is" }']))
    assert (await world.ask(world.ollama, "/api/chat", CHAT)).body == b'{ "as": "it is" }'


@pytest.mark.parametrize("status", [400, 500])
async def test_what_the_server_refuses_is_told_in_the_clients_words(status: int) -> None:
    world = SurfaceWorld()
    world.will(answer({"error": {"message": "too long"}}, status))
    got = await world.ask(world.ollama, "/api/chat", CHAT)
    assert (got.status, got.json) == (status, {"error": "too long"})
