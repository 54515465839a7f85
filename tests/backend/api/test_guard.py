"""Who may talk to us."""

from __future__ import annotations

from typing import Any

import pytest
from fakes.api_world import World, call
from msgspec.structs import replace

from llama_runner_pro.api.app import create_app
from llama_runner_pro.api.guard import authority
from llama_runner_pro.api.locked_page import LOCKED_PAGE, style_source
from llama_runner_pro.api.static import NOT_BUILT

STATUS = "/api/ai-monitor/status"
OURS = {"host": "127.0.0.1:8585"}


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8585", "localhost:8585", "LOCALHOST", "localhost.:1", "[::1]:8585"]
)
async def test_loopback_names_are_ours_whatever_the_port(world: World, host: str) -> None:
    assert (await call(world.app(), "GET", STATUS, headers={"host": host})).status == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example:8585",
        "127.0.0.1.evil.example",
        "localhost@evil.example",
        "127.0.0.2",
        "0.0.0.0:8585",
        "localhost:port",
        "localhost/x",
        "[::1",
        "",
    ],
)
async def test_other_names_are_misdirected(world: World, host: str) -> None:
    answer = await call(world.app(), "GET", STATUS, headers={"host": host})
    assert (answer.status, answer.json["data"]["code"]) == (421, "wrong_host")


async def test_a_name_that_was_allowed_is_ours(world: World) -> None:
    app = create_app(replace(world.deps(), allowed_hosts=frozenset({"Box.local"})))
    assert (await call(app, "GET", STATUS, headers={"host": "box.local:8585"})).status == 200


@pytest.mark.parametrize(
    "origin", ["http://127.0.0.1:8585", "http://localhost:8585", "http://[::1]:8585"]
)
async def test_our_own_pages_may_change_things(world: World, origin: str) -> None:
    headers = {**OURS, "origin": origin, "sec-fetch-site": "same-origin"}
    assert (await call(world.app(), "POST", "/api/ai-monitor/start", headers=headers)).status == 200


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "https://evil.example:8585",
        "http://localhost:3000",
        "http://127.0.0.1",
        "null",
        "file://",
        "chrome-extension://abc:8585",
        "http://[not-an-address",
    ],
)
async def test_pages_from_elsewhere_are_refused_and_change_nothing(
    world: World, origin: str
) -> None:
    headers = {**OURS, "origin": origin}
    answer = await call(world.app(), "POST", "/api/ai-monitor/stop", headers=headers)
    assert (answer.status, answer.json["data"]["code"]) == (403, "foreign_origin")
    assert world.supervisor.monitoring_active


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_requests_that_another_site_makes_are_refused(world: World, site: str) -> None:
    for method, path in (("GET", STATUS), ("POST", "/api/ai-monitor/stop")):
        headers = {**OURS, "sec-fetch-site": site, "sec-fetch-mode": "no-cors"}
        answer = await call(world.app(), method, path, headers=headers)
        assert (answer.status, answer.json["data"]["code"]) == (403, "cross_site")


async def test_a_link_from_another_local_page_may_lead_to_the_dashboard(world: World) -> None:
    followed = {**OURS, "sec-fetch-mode": "navigate"}
    app = world.app()
    same = await call(app, "GET", "/", headers={**followed, "sec-fetch-site": "same-site"})
    cross = await call(app, "GET", "/", headers={**followed, "sec-fetch-site": "cross-site"})
    typed = await call(app, "GET", "/", headers={**followed, "sec-fetch-site": "none"})
    assert [same.status, cross.status, typed.status] == [200, 403, 200]


@pytest.mark.parametrize(
    "content_type",
    ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", "json"],
)
async def test_a_change_that_is_not_json_is_refused_even_without_a_body(
    world: World, content_type: str
) -> None:
    for body in (b"", b'{"model": null}'):
        headers = {**OURS, "content-type": content_type}
        answer = await call(world.app(), "POST", "/api/ai-monitor/heal", body=body, headers=headers)
        assert (answer.status, answer.json["data"]["code"]) == (415, "wrong_content_type")
    assert world.supervisor.calls == []


async def test_json_with_a_charset_is_json(world: World) -> None:
    headers = {**OURS, "content-type": "Application/JSON; charset=utf-8"}
    answer = await call(world.app(), "POST", "/api/ai-monitor/heal", body=b"{}", headers=headers)
    assert answer.status == 200


async def test_every_answer_carries_the_security_headers(world: World) -> None:
    for path, headers in ((STATUS, OURS), ("/", OURS), (STATUS, {"host": "evil.example"})):
        answer = await call(world.app(), "GET", path, headers=headers)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; ")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy


async def test_the_policy_names_our_own_socket_address(world: World) -> None:
    answer = await call(world.app(), "GET", "/", headers={"host": "[::1]:8585"})
    assert "connect-src 'self' ws://[::1]:8585" in answer.headers["content-security-policy"]


async def test_a_server_that_answers_to_every_name_still_knows_what_is_none(world: World) -> None:
    app = create_app(replace(world.deps(), allowed_hosts=frozenset({"*"})))
    assert (await call(app, "GET", STATUS, headers={"host": "nas.example:8585"})).status == 200
    assert (await call(app, "GET", STATUS, headers={"host": "a/b"})).status == 421


async def test_the_pages_that_carry_their_style_may_use_it(world: World) -> None:
    policy = (await call(world.app(), "GET", "/", headers=OURS)).headers["content-security-policy"]
    for page in (LOCKED_PAGE, NOT_BUILT):
        assert page.count("<style>") == 1
        assert style_source(page) in policy.partition("style-src ")[2].partition(";")[0].split()


async def test_the_policy_lets_the_page_talk_to_the_gateway_where_it_listens_now(
    world: World,
) -> None:
    def sources(answer: Any) -> list[str]:
        policy: str = answer.headers["content-security-policy"]
        return policy.partition("connect-src ")[2].partition(";")[0].split()

    named = sources(await call(world.app(), "GET", "/", headers={"host": "localhost:8585"}))
    assert {"http://localhost:1234", "http://127.0.0.1:11435"} <= set(named)
    assert "http://127.0.0.1:11434" not in named
    refused = sources(await call(world.app(), "GET", "/", headers={"host": "evil.example"}))
    assert refused == ["'self'"]


async def handshake(world: World, extensions: dict[str, Any]) -> list[dict[str, Any]]:
    """What a WebSocket handshake from a foreign page is answered."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "websocket",
        "scheme": "ws",
        "path": "/metrics",
        "query_string": b"",
        "headers": [(b"host", b"localhost:8585"), (b"origin", b"http://evil.example")],
        "subprotocols": [],
        "extensions": extensions,
    }
    await world.app()(scope, receive, send)
    return sent


async def test_a_foreign_handshake_gets_a_403_and_is_never_accepted(world: World) -> None:
    sent = await handshake(world, {"websocket.http.response": {}})
    assert [message["type"] for message in sent] == [
        "websocket.http.response.start",
        "websocket.http.response.body",
    ]
    assert sent[0]["status"] == 403


async def test_a_server_that_cannot_answer_a_handshake_closes_it(world: World) -> None:
    assert await handshake(world, {}) == [{"type": "websocket.close", "code": 1008}]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("localhost", ("localhost", 80)),
        ("LocalHost:99", ("localhost", 99)),
        ("[::1]:1", ("::1", 1)),
        ("user@localhost", None),
        ("localhost?x", None),
        ("", None),
    ],
)
def test_a_host_header_is_taken_apart(text: str, expected: tuple[str, int] | None) -> None:
    assert authority(text, 80) == expected
