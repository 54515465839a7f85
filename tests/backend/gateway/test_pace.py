"""Clients that are too slow."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from fakes.clock import FakeClock
from fakes.relay_world import relay_world, relayed, until, upstream_at

from llama_runner_pro.gateway.pace import BODY_S, HEAD_S, KEEP_ALIVE_S

if TYPE_CHECKING:
    from fakes.raw_upstream import Exchange

CHAT = b'{"model":"m","messages":[]}'
START = b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
NOBODY = upstream_at(1)


async def answering(exchange: Exchange) -> None:
    await exchange.json(b'{"choices":[]}')


async def answer_of(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Head and body of one answer with a length."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    return head, await reader.readexactly(length)


@pytest.mark.parametrize(
    ("sent", "patience_s", "answer"),
    [
        pytest.param(b"", HEAD_S, b"", id="says nothing"),
        pytest.param(START + b"X-Slow: ", HEAD_S, b"HTTP/1.1 408 ", id="in its head"),
        pytest.param(START + b"Content-Length: 9\r\n\r\n{", BODY_S, b"HTTP/1.1 408 ", id="body"),
    ],
)
async def test_clients_that_send_too_slowly_are_sent_away(
    sent: bytes, patience_s: float, answer: bytes
) -> None:
    clock = FakeClock()
    async with relay_world(NOBODY, clock=clock) as world:
        reader, writer = await world.connect()
        writer.write(sent)
        await until(lambda: bool(world.state.connections))
        await asyncio.sleep(0.05)
        await clock.advance(patience_s - 1)
        assert world.state.connections
        await clock.advance(3)
        assert (await asyncio.wait_for(reader.read(), 60)).startswith(answer)
        writer.close()


async def test_an_idle_connection_is_closed_after_a_while() -> None:
    clock = FakeClock()
    async with relayed(answering, clock=clock) as (_server, world):
        reader, writer = await world.connect()
        writer.write(START + b"Content-Length: %d\r\n\r\n" % len(CHAT) + CHAT)
        await answer_of(reader)
        await clock.advance(KEEP_ALIVE_S - 1)
        writer.write(START + b"Content-Length: %d\r\n\r\n" % len(CHAT) + CHAT)
        await answer_of(reader)
        await clock.advance(KEEP_ALIVE_S + 2)
        assert await asyncio.wait_for(reader.read(), 60) == b""
        writer.close()
