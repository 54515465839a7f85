"""What servers send, and connections to them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from fakes.relay_world import post, relayed

if TYPE_CHECKING:
    from fakes.raw_upstream import Exchange

CHAT = b'{"model":"m","messages":[]}'


async def answering(exchange: Exchange) -> None:
    await exchange.json(b'{"choices":[]}')


def body_of(answer: bytes) -> bytes:
    """The body of a chunked answer."""
    rest, body = answer.partition(b"\r\n\r\n")[2], b""
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        if size == b"0":
            assert rest == b"\r\n"
            return body
        body, rest = body + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
    raise AssertionError("the answer has no last chunk")


async def test_connections_to_a_server_are_used_again() -> None:
    async with relayed(answering) as (server, world):
        for _ in range(5):
            await world.say(post(CHAT))
    assert server.connections == 1


async def test_a_kept_connection_that_the_server_has_closed_costs_nothing() -> None:
    async def once(exchange: Exchange) -> None:
        await exchange.json(b"{}")
        if exchange.connection == 1 and len(server.requests) > 1:
            raise AssertionError("asked twice on one connection")
        exchange.writer.close()

    async with relayed(once) as (server, world):
        for _ in range(3):
            assert (await world.say(post(CHAT))).startswith(b"HTTP/1.1 200 ")
    assert world.admission.endings == ["ok"] * 3


async def test_a_kept_connection_that_breaks_when_it_is_used_is_replaced() -> None:
    async def second_time_dead(exchange: Exchange) -> None:
        if len(server.requests) == 2:
            exchange.reset()
        else:
            await exchange.json(b"{}")

    async with relayed(second_time_dead) as (server, world):
        for _ in range(2):
            assert (await world.say(post(CHAT))).startswith(b"HTTP/1.1 200 ")
    assert world.admission.endings == ["ok", "ok"]


@pytest.mark.parametrize(
    "garbage",
    [
        pytest.param(b"\x00\x01\x02 nonsense\r\n\r\n", id="no HTTP"),
        pytest.param(b"HTTP/1.1 abc\r\n\r\n", id="no status"),
        pytest.param(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 80_000, id="endless head"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", id="both"
        ),
        pytest.param(b"HTTP/1.1 101 Switch\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", id="101"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", id="chunk"),
    ],
)
async def test_garbage_from_a_server_becomes_an_error(garbage: bytes) -> None:
    async def raving(exchange: Exchange) -> None:
        await exchange.send(garbage)
        await exchange.until_gone()

    async with relayed(raving) as (_server, world):
        answer = await asyncio.wait_for(world.say(post(CHAT)), 60)
        await world.sink.ended.wait()
    assert world.admission.endings == ["garbled"]
    assert answer.startswith((b"HTTP/1.1 502 ", b"HTTP/1.1 200 "))
    assert not answer.endswith(b"0\r\n\r\n")


async def test_informational_answers_are_skipped() -> None:
    async def early(exchange: Exchange) -> None:
        await exchange.send(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")
        await exchange.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        await exchange.json(b"{}")

    async with relayed(early) as (server, world):
        answers = [await world.say(post(CHAT)) for _ in range(2)]
    assert {answer.split(b"\r\n")[0] for answer in answers} == {b"HTTP/1.1 200 OK"}
    assert b"link" not in answers[0]
    assert server.connections == 1


async def test_bytes_after_an_answer_cost_the_connection_and_nothing_else() -> None:
    async def talkative(exchange: Exchange) -> None:
        await exchange.json(b"{}")
        await exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nWRONG")

    async with relayed(talkative) as (_server, world):
        for _ in range(3):
            assert (await world.say(post(CHAT))).endswith(b"\r\n\r\n{}")
            await asyncio.sleep(0.02)
    assert world.admission.endings == ["ok"] * 3


async def test_an_answer_without_length_ends_with_its_connection() -> None:
    async def old(exchange: Exchange) -> None:
        await exchange.send(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nall of it")
        exchange.writer.close()

    async with relayed(old) as (_server, world):
        answer = await world.say(post(CHAT))
        await world.sink.ended.wait()
    assert body_of(answer) == b"all of it"
    assert world.admission.endings == ["ok"]


async def test_answers_of_a_kept_connection_may_come_in_any_shape() -> None:
    whole = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
    shapes = [
        [whole % (7, b'{"n":1}')],
        [whole % (7, b'{"n":2}')],
        [whole % (9, b'{"n":333}')],
        [(whole % (7, b'{"n":4}'))[:40], (whole % (7, b'{"n":4}'))[40:]],
        [(whole % (7, b'{"n":5}'))[:-3], b":5}"],
        [b"HTTP/1.1 100 Continue\r\n\r\n" + whole % (7, b'{"n":6}')],
        [whole.replace(b"200 OK", b"404 Not Found") % (7, b'{"n":7}')],
        [whole % (7, b'{"n":8}')],
        [b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{"n":9}\r\n0\r\n\r\n'],
        [whole % (7, b'{"n":0}')],
    ]

    async def in_turn(exchange: Exchange) -> None:
        for piece in shapes[len(server.requests) - 1]:
            exchange.writer.write(piece)
            await exchange.writer.drain()
            await asyncio.sleep(0.02)

    async with relayed(in_turn) as (server, world):
        answers = [await world.say(post(CHAT)) for _ in shapes]
    assert [body_of_any(one) for one in answers] == [
        b'{"n":%b}' % number for number in b"1 2 333 4 5 6 7 8 9 0".split()
    ]
    assert [one.split(b" ")[1] for one in answers] == [
        b"404" if at == 6 else b"200" for at in range(10)
    ]
    assert server.connections == 1
    assert world.sink.last.bytes_out == 7


async def test_more_than_a_known_answer_ends_the_connection_after_it() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

    async def twice(exchange: Exchange) -> None:
        exchange.writer.write(answer * (2 if len(server.requests) == 2 else 1))
        await exchange.writer.drain()

    async with relayed(twice) as (server, world):
        for _ in range(3):
            assert (await world.say(post(CHAT))).endswith(b"{}")
    assert server.connections == 2


def body_of_any(answer: bytes) -> bytes:
    """The body of an answer, chunked or not."""
    head, _, body = answer.partition(b"\r\n\r\n")
    return body_of(answer) if b"chunked" in head.lower() else body
