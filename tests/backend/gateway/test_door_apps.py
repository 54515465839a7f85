"""What a door puts around the app behind it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from fakes.relay_world import post, relay_world, relayed, until, upstream_at

from llama_runner_pro.gateway.door_apps import HeadJoiner
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


class Wire:
    """A transport that keeps what it is given, write by write."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.closed = False

    def write(self, piece: bytes) -> None:
        self.writes.append(piece)

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True


class Cycle:
    """What of uvicorn's cycle a joiner touches."""

    def __init__(self) -> None:
        self.transport: Any = Wire()


def joined() -> tuple[Cycle, Wire]:
    cycle = Cycle()
    wire: Wire = cycle.transport
    HeadJoiner(cycle, asyncio.get_running_loop())  # type: ignore[arg-type]
    return cycle, wire


async def test_the_head_leaves_with_the_first_piece_of_the_body() -> None:
    cycle, wire = joined()
    cycle.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    cycle.transport.write(b"HTTP/1.1 200 OK\r\n\r\n")
    cycle.transport.write(b"body")
    cycle.transport.write(b"more")
    assert wire.writes == [
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nbody",
        b"more",
    ]


async def test_a_head_does_not_wait_for_a_body_that_comes_later() -> None:
    cycle, wire = joined()
    cycle.transport.write(b"HTTP/1.1 200 OK\r\n\r\n")
    await asyncio.sleep(0)
    assert wire.writes == [b"HTTP/1.1 200 OK\r\n\r\n"]
    cycle.transport.write(b"body")
    assert wire.writes[1:] == [b"body"]


async def test_a_head_goes_out_before_its_connection_is_closed() -> None:
    cycle, wire = joined()
    cycle.transport.write(b"HTTP/1.1 200 OK\r\n\r\n")
    cycle.transport.close()
    assert wire.writes == [b"HTTP/1.1 200 OK\r\n\r\n"]
    assert wire.closed


async def test_the_app_gets_each_request_of_a_connection_as_it_is() -> None:
    start = b"POST /api/%b HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%b"
    told = []
    async with relay_world(NOBODY) as world:
        reader, writer = await world.connect()
        for path, body in ((b"c%20d", b"1"), (b"c%20d", b"22"), (b"c%20d", b"333"), (b"e", b"4")):
            writer.write(start % (path, len(body), body))
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            told.append(await reader.readexactly(length))
        writer.close()
    assert told == [
        b'{"path":"%b","body":"%b"}' % pair
        for pair in (
            (b"/api/c d", b"1"),
            (b"/api/c d", b"22"),
            (b"/api/c d", b"333"),
            (b"/api/e", b"4"),
        )
    ]
    assert {scope["raw_path"] for scope in world.app_scopes} == {b"/api/c%20d", b"/api/e"}
