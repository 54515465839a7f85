"""What a caller may do, and how it gets to do more."""

from __future__ import annotations

from fakes.api_world import World, call
from fakes.configured import TOKEN


async def test_without_the_token_the_hint_says_how_to_get_in(world: World) -> None:
    answer = await call(world.app(), "GET", "/api/session")
    assert answer.json["may_change"] is False
    assert "llama-runner-pro open" in answer.json["hint"]


async def test_links_are_for_those_who_have_the_token(world: World) -> None:
    app = world.app()
    assert (await call(app, "POST", "/api/session/links")).status == 401
    headers = {"authorization": f"Bearer {TOKEN}"}
    answer = await call(app, "POST", "/api/session/links", headers=headers)
    assert answer.json["path"].startswith("/session/")
    assert answer.json["expires_in_s"] == 60
