"""Usual requests, and everything that can happen to one on its way, over real sockets."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from fakes.clock import FakeClock
from fakes.raw_upstream import SSE_HEAD
from fakes.relay_world import relayed, until

from llama_runner_pro.config.gateway import CaptureSpec
from llama_runner_pro.core.errors import Denied, ModelNotFound
from llama_runner_pro.gateway.capture import CaptureRing
from llama_runner_pro.gateway.patience import LOOK_EVERY_S
from llama_runner_pro.gateway.relay import RelaySettings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fakes.raw_upstream import Exchange, RawUpstream, Script
    from fakes.relay_world import RelayWorld

ANSWER = b'{"choices":[{"finish_reason":"stop"}],"usage":{"prompt_tokens":3}}'
TOKEN = b'data: {"choices":[{"delta":{"content":"x"}}]}\n\n'


def chat(number: int, **more: object) -> bytes:
    """A request that keeps its connection; only its body differs from the others."""
    body = json.dumps({"model": "m", "n": number, "messages": [], **more}).encode()
    head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n"
    return head % len(body) + body


def number_of(exchange: Exchange) -> int:
    return int(json.loads(exchange.body)["n"])


async def answering(exchange: Exchange) -> None:
    await exchange.json(ANSWER)


class Client:
    """One connection, on which the head of requests is known already."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def ask(self, number: int, **more: object) -> tuple[bytes, bytes]:
        self.writer.write(chat(number, **more))
        return await self.answer()

    async def answer(self) -> tuple[bytes, bytes]:
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        return head, await self.reader.readexactly(length)


@asynccontextmanager
async def acquainted(
    script: Script, **more: Any
) -> AsyncIterator[tuple[RawUpstream, RelayWorld, Client]]:
    """A client whose head is known, at a door in front of a server that follows a script, but for
    requests with number 0.
    """

    async def serve(exchange: Exchange) -> None:
        await (answering if number_of(exchange) == 0 else script)(exchange)

    async with relayed(serve, **more) as (server, world):
        client = Client(*await world.connect())
        try:
            await client.ask(0)
            await until(lambda: len(world.sink.records) == 1)
            yield server, world, client
        finally:
            client.writer.transport.abort()


async def test_repeated_requests_are_answered_and_recorded_like_the_first() -> None:
    async with acquainted(answering) as (server, world, client):
        for number in range(1, 4):
            head, body = await client.ask(number)
            assert head.startswith(b"HTTP/1.1 200 OK\r\n")
            assert body == ANSWER
        await until(lambda: len(world.sink.records) == 4)
        assert world.state.total_requests == 4
    first, *others = world.sink.records
    changing = {"id", "t_ms", "duration_ms"}
    for record in others:
        for name in first.__struct_fields__:
            if name not in changing:
                assert getattr(record, name) == getattr(first, name), name
        assert record.duration_ms is not None
    assert len({record.id for record in world.sink.records}) == 4
    assert world.admission.endings == ["ok"] * 4
    assert server.connections == 1
    assert [number_of(exchange) for exchange in server.requests] == [0, 1, 2, 3]


async def test_a_server_that_knows_the_model_by_another_name_is_told_that_one() -> None:
    async with acquainted(answering) as (server, world, client):
        await client.ask(1, model="alias")
    assert json.loads(server.requests[1].body) == {"model": "m", "n": 1, "messages": []}
    assert world.sink.last.model == "alias"


async def test_an_answer_in_parts_passes_as_it_comes() -> None:
    go_on = asyncio.Event()

    async def in_parts(exchange: Exchange) -> None:
        await exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc")
        await go_on.wait()
        await exchange.send(b"def")

    async with acquainted(in_parts) as (_server, world, client):
        client.writer.write(chat(1))
        await client.reader.readuntil(b"abc")
        go_on.set()
        assert await client.reader.readexactly(3) == b"def"
        await until(lambda: len(world.admission.endings) == 2)
        assert (await client.ask(0))[1] == ANSWER
    assert world.admission.endings == ["ok"] * 3


async def test_a_server_that_streams_unasked_is_passed_on_as_a_stream() -> None:
    async def streaming(exchange: Exchange) -> None:
        await exchange.send(SSE_HEAD)
        await exchange.chunk(TOKEN)
        await exchange.send(b"0\r\n\r\n")

    async with acquainted(streaming) as (_server, world, client):
        client.writer.write(chat(1))
        text = await client.reader.readuntil(b"0\r\n\r\n")
    assert TOKEN in text
    assert world.sink.last.generated_tokens == 1


@pytest.mark.parametrize("status", [b"400 Bad Request", b"503 No", b"204 No Content"])
async def test_another_status_passes_and_ends_as_such(status: bytes) -> None:
    async def refusing(exchange: Exchange) -> None:
        await exchange.send(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n")

    async with acquainted(refusing) as (_server, world, client):
        client.writer.write(chat(1))
        head = await client.reader.readuntil(b"\r\n\r\n")
        await until(lambda: len(world.sink.records) == 2)
    assert head.startswith(b"HTTP/1.1 " + status.split()[0])
    assert (world.sink.last.ending == "ok") == status.startswith(b"2")


async def test_a_kept_connection_that_the_server_has_closed_is_replaced() -> None:
    async def once(exchange: Exchange) -> None:
        await exchange.json(ANSWER)
        exchange.reset()

    async with acquainted(once) as (server, world, client):
        for number in range(1, 4):
            assert (await client.ask(number))[1] == ANSWER
    assert server.connections == 3
    assert world.admission.endings == ["ok"] * 4


async def test_a_server_that_fails_is_told_as_an_error_of_the_gateway() -> None:
    async def failing(exchange: Exchange) -> None:
        await exchange.send(b"nonsense\r\n\r\n")

    async with acquainted(failing) as (_server, world, client):
        head, body = await client.ask(1)
    assert head.startswith(b"HTTP/1.1 502 ")
    assert "error" in json.loads(body)
    assert world.admission.endings == ["ok", "garbled"]


async def test_a_client_that_leaves_makes_the_server_stop() -> None:
    async def waiting(exchange: Exchange) -> None:
        await exchange.until_gone()

    async with acquainted(waiting) as (server, world, client):
        client.writer.write(chat(1))
        await until(lambda: len(server.requests) == 2)
        client.writer.transport.abort()
        await asyncio.wait_for(server.gone.wait(), 60)
        await until(lambda: len(world.admission.endings) == 2)
    assert world.admission.endings == ["ok", "client_gone"]
    assert world.sink.last.ending == "client_gone"


async def test_a_request_that_comes_before_the_answer_waits_for_its_turn() -> None:
    go_on = asyncio.Event()

    async def waiting(exchange: Exchange) -> None:
        if number_of(exchange) == 1:
            await go_on.wait()
        await exchange.json(b"%d" % number_of(exchange))

    async with acquainted(waiting) as (server, world, client):
        client.writer.write(chat(1))
        await until(lambda: len(server.requests) == 2)
        client.writer.write(chat(2))
        await asyncio.sleep(0.05)
        go_on.set()
        assert [(await client.answer())[1] for _ in range(2)] == [b"1", b"2"]
        assert (await client.ask(3))[1] == b"3"
    assert world.admission.endings == ["ok"] * 4


async def test_a_request_that_takes_long_is_shown_while_it_runs() -> None:
    clock, go_on = FakeClock(), asyncio.Event()

    async def waiting(exchange: Exchange) -> None:
        if number_of(exchange) == 1:
            await go_on.wait()
        await exchange.json(ANSWER)

    async with acquainted(waiting, clock=clock) as (server, world, client):
        client.writer.write(chat(1))
        await until(lambda: len(server.requests) == 2)
        await clock.advance(LOOK_EVERY_S)
        await clock.advance(LOOK_EVERY_S)
        assert (world.sink.last.phase, world.sink.last.ending) == ("sent", None)
        go_on.set()
        assert (await client.answer())[1] == ANSWER
        await until(lambda: world.sink.last.ending == "ok")
    assert world.sink.last.duration_ms == pytest.approx(2000 * LOOK_EVERY_S)


async def test_when_the_gateway_ends_its_clients_are_told() -> None:
    async def waiting(exchange: Exchange) -> None:
        await exchange.until_gone()

    async with acquainted(waiting) as (server, world, client):
        client.writer.write(chat(1))
        await until(lambda: len(server.requests) == 2)
        world.running.cancel()
        head, _ = await client.answer()
    assert head.startswith(b"HTTP/1.1 503 ")
    assert world.admission.endings == ["ok", "client_gone"]


async def test_a_door_that_closes_lets_a_request_end_and_takes_no_other() -> None:
    go_on = asyncio.Event()

    async def waiting(exchange: Exchange) -> None:
        if number_of(exchange) == 1:
            await go_on.wait()
        await exchange.json(ANSWER)

    async with acquainted(waiting) as (server, world, client):
        client.writer.write(chat(1))
        await until(lambda: len(server.requests) == 2)
        for connection in list(world.state.connections):
            connection.shutdown()
        go_on.set()
        assert (await client.answer())[1] == ANSWER
        assert await client.reader.read() == b""


async def test_who_may_come_in_is_asked_for_each_request() -> None:
    async with acquainted(answering) as (server, world, client):
        world.access.error = Denied(403, "wrong_host", "no")
        head, _ = await client.ask(1)
        world.access.error = None
        assert (await client.ask(2))[1] == ANSWER
    assert head.startswith(b"HTTP/1.1 403 ")
    assert [number_of(exchange) for exchange in server.requests] == [0, 2]


async def test_what_is_no_request_or_cannot_be_served_is_told_as_ever() -> None:
    settings = RelaySettings(body_limit_bytes=100)
    async with acquainted(answering, settings=settings) as (server, world, client):
        assert b" 413 " in (await client.ask(1, text="x" * 100))[0]
        assert b" 400 " in (await client.ask(2, stream="yes"))[0]
        world.admission.error = ModelNotFound("m", [])
        assert b" 404 " in (await client.ask(3))[0]
    assert len(server.requests) == 1


async def test_the_slot_of_an_answered_request_is_free_for_the_next() -> None:
    async with acquainted(answering) as (_server, world, client):
        world.admission.slots = 1
        for number in range(1, 6):
            assert (await client.ask(number))[1] == ANSWER
        assert not world.admission.waiting.is_set()


async def test_texts_are_recorded_as_soon_as_that_is_wanted() -> None:
    ring = CaptureRing(CaptureSpec())
    async with acquainted(answering, capture=ring) as (_server, _world, client):
        ring.configure(CaptureSpec(enabled=True))
        await client.ask(1)
        await until(lambda: len(ring.all()) == 1)
    assert json.loads(ring.all()[0].request)["n"] == 1
