"""`/session/<code>`, and what a server that others can reach lets through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from fakes.api_world import World, call
from fakes.configured import TOKEN

if TYPE_CHECKING:
    from pathlib import Path

BEARER = {"authorization": f"Bearer {TOKEN}"}


async def test_a_link_sets_the_cookie_and_leads_to_the_dashboard(world: World) -> None:
    app = world.app()
    link = await call(app, "POST", "/api/session/links", headers=BEARER)
    answer = await call(app, "GET", link.json["path"])
    assert (answer.status, answer.headers["location"]) == (303, "/")
    assert answer.headers["cache-control"] == "no-store"
    cookie = {"cookie": answer.headers["set-cookie"].partition(";")[0]}
    assert cookie["cookie"].startswith("llama_runner_pro_8585=")
    assert (await call(app, "GET", "/api/session", headers=cookie)).json["may_change"] is True
    assert (await call(app, "GET", "/api/session")).json["may_change"] is False


async def test_looking_at_a_link_does_not_use_it_up(world: World) -> None:
    app, link = world.app(), world.gate.issue_link()
    for method in ("HEAD", "POST", "OPTIONS"):
        assert (await call(app, method, link)).status == 405
    assert (await call(app, "GET", link)).status == 303


async def test_a_code_that_does_not_work_is_not_repeated(world: World) -> None:
    answer = await call(world.app(), "GET", "/session/guess")
    assert (answer.status, answer.json["code"]) == (403, "link_used_up")
    assert b"guess" not in answer.body


async def test_a_page_elsewhere_cannot_open_a_link(world: World) -> None:
    link = world.gate.issue_link()
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert (await call(world.app(), "GET", link, headers=headers)).status == 403
    assert (await call(world.app(), "GET", link)).status == 303


@pytest.mark.parametrize(
    "path", ["/", "/api/health", "/api/ai-monitor/status", "/api/config", "/metrics", "/nowhere"]
)
async def test_where_others_can_reach_it_everything_needs_the_token(
    tmp_path: Path, path: str
) -> None:
    app = World(tmp_path, exposed=True).app()
    refused = await call(app, "GET", path)
    assert refused.status == 401
    assert (await call(app, "GET", path, headers=BEARER)).status != 401
    assert (await call(app, "GET", "/session/guess")).status == 403


async def test_there_a_handshake_needs_it_as_well(tmp_path: Path) -> None:
    app = World(tmp_path, exposed=True).app()
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    for path in ("/metrics", "/api/logs/stream"):
        scope = {
            "type": "websocket",
            "scheme": "ws",
            "path": path,
            "query_string": b"",
            "headers": [(b"host", b"localhost:8585")],
            "subprotocols": [],
            "extensions": {"websocket.http.response": {}},
        }
        sent.clear()
        await app(scope, receive, send)
        assert sent[0]["status"] == 401


async def test_who_may_not_read_learns_that_at_the_session_too(tmp_path: Path) -> None:
    app = World(tmp_path, exposed=True).app()
    assert (await call(app, "GET", "/api/session")).status == 401
    answer = await call(app, "GET", "/api/session", headers=BEARER)
    assert answer.json == {"may_change": True, "token_for_everything": True, "hint": ""}


async def test_there_a_browser_is_shown_what_to_do(tmp_path: Path) -> None:
    app = World(tmp_path, exposed=True).app()
    page = await call(app, "GET", "/", headers={"accept": "text/html,*/*;q=0.8"})
    assert (page.status, page.headers["content-type"]) == (401, "text/html; charset=utf-8")
    assert b"llama-runner-pro open" in page.body
