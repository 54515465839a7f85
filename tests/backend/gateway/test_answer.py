"""Answers that break off."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from fakes.raw_upstream import SSE_HEAD
from fakes.relay_world import post, relayed

if TYPE_CHECKING:
    from fakes.raw_upstream import Exchange

CHAT = b'{"model":"m","messages":[]}'
STREAM = b'{"model":"m","stream":true,"messages":[]}'
TOKEN = b'data: {"choices":[{"delta":{"content":"x"}}]}\n\n'


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


@pytest.mark.parametrize("half", [b"", b'data: {"choices":[{"del', b"data"])
async def test_a_server_that_dies_in_mid_stream_leaves_whole_events_and_an_error(
    half: bytes,
) -> None:
    async def dying(exchange: Exchange) -> None:
        await exchange.send(SSE_HEAD)
        await exchange.chunk(TOKEN + half)
        exchange.reset()

    async with relayed(dying) as (_server, world):
        answer = await world.say(post(STREAM))
        await world.sink.ended.wait()
    events = body_of(answer).split(b"\n\n")
    assert events[0] + b"\n\n" == TOKEN
    assert json.loads(events[1].removeprefix(b"data: "))["error"]["code"] == "upstream_broken"
    assert events[2:] == [b""]
    assert world.admission.endings == ["cut_off"]


async def test_an_answer_with_a_length_that_is_cut_off_is_visibly_not_whole() -> None:
    async def short(exchange: Exchange) -> None:
        await exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")
        exchange.writer.close()

    async with relayed(short) as (_server, world):
        answer = await world.say(post(CHAT))
        await world.sink.ended.wait()
    assert b"content-length: 100" in answer
    assert answer.endswith(b"only this")
    assert world.admission.endings == ["cut_off"]
