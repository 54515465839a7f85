"""What a door puts around the app behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakes.relay_world import post, relay_world, relayed, until, upstream_at

from llama_runner_pro.gateway.ports import Visitor

if TYPE_CHECKING:
    from fakes.raw_upstream import Exchange

CHAT = b'{"model":"m","messages":[]}'
NOBODY = upstream_at(1)


async def answering(exchange: Exchange) -> None:
    await exchange.json(b'{"choices":[]}')


async def test_a_key_counts_as_used_until_its_request_has_ended() -> None:
    inside = 0

    def leave() -> None:
        nonlocal inside
        inside -= 1

    async with relayed(answering) as (_server, world):
        world.access.visitor = Visitor(leave=leave)
        for path in (b"/v1/chat/completions", b"/app"):
            inside += 1
            await world.say(post(CHAT, path))
        await until(lambda: inside == 0)
        inside += 1
        world.admission.must_wait = True
        _, writer = await world.connect()
        writer.write(post(CHAT))
        await world.admission.waiting.wait()
        assert inside == 1
        writer.transport.abort()
        await until(lambda: inside == 0)


async def test_preflights_are_answered_at_the_door() -> None:
    async with relay_world(NOBODY) as world:
        answer = await world.say(
            b"OPTIONS /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nOrigin: http://page\r\n"
            b"Access-Control-Request-Method: POST\r\nConnection: close\r\n\r\n"
        )
    assert answer.startswith(b"HTTP/1.1 204 ")
    assert b"access-control-allow-origin: http://page" in answer
    assert world.app_scopes == []
