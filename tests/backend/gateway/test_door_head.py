"""Heads of requests, sound and not, over real sockets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from fakes.relay_world import post, relay_world, relayed, upstream_at

if TYPE_CHECKING:
    import asyncio

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
    "request_bytes",
    [
        pytest.param(
            START + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", id="both"
        ),
        pytest.param(
            START + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", id="both2"
        ),
        pytest.param(
            START + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc", id="two lengths"
        ),
        pytest.param(
            START + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", id="same length twice"
        ),
        pytest.param(START + b"Content-Length: 3, 3\r\n\r\nabc", id="list of lengths"),
        pytest.param(START + b"Content-Length: +3\r\n\r\nabc", id="signed length"),
        pytest.param(START + b"X: a\r\n b\r\nContent-Length: 3\r\n\r\nabc", id="obs-fold"),
        pytest.param(START + b"Content-Length : 3\r\n\r\nabc", id="space before colon"),
        pytest.param(START + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n", id="chunk size"),
        pytest.param(START + b"Transfer-Encoding: chunked\r\n\r\n-1\r\nabc\r\n", id="negative"),
        pytest.param(
            START + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", id="overflow"
        ),
        pytest.param(START + b"Transfer-Encoding: chunked\r\n\r\n3\nabc\n", id="bare LF chunk"),
        pytest.param(START + b"Host: other\r\nContent-Length: 0\r\n\r\n", id="two hosts"),
        pytest.param(START + b"X: a\0b\r\n\r\n", id="NUL"),
        pytest.param(b"POST /v1/chat/completions HTTP/1.1\nHost: a\n\n", id="bare LF"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", id="TLS"),
    ],
)
async def test_what_could_smuggle_a_request_is_refused_and_the_connection_ends(
    request_bytes: bytes,
) -> None:
    async with relay_world(NOBODY) as world:
        answer = await world.say(request_bytes)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"connection: close" in answer
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["message"]
    assert world.admission.asks == []


@pytest.mark.parametrize("encoding", [b"gzip, chunked", b"gzip", b"identity"])
async def test_transfer_encodings_that_we_do_not_undo_are_refused(encoding: bytes) -> None:
    async with relay_world(NOBODY) as world:
        answer = await world.say(START + b"Transfer-Encoding: " + encoding + b"\r\n\r\n")
    assert answer.split()[1] in {b"400", b"501"}
    assert world.admission.asks == []


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param(b"X: " + b"a" * 66_000 + b"\r\n", id="one long line"),
        pytest.param(b"X-Many: abcdefgh\r\n" * 4_000, id="many lines"),
        pytest.param(b"X: " + b"a" * 400_000, id="a line that does not end"),
    ],
)
async def test_a_head_beyond_64_kb_is_refused(headers: bytes) -> None:
    async with relay_world(NOBODY) as world:
        answer = await world.say(START + headers + b"Content-Length: 0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 431 ")


async def test_a_head_that_is_large_but_allowed_passes() -> None:
    async with relayed(answering) as (_server, world):
        answer = await world.say(post(CHAT, more=b"X: " + b"a" * 60_000 + b"\r\n"))
    assert answer.startswith(b"HTTP/1.1 200 ")


async def test_a_wish_for_http_2_is_not_granted_and_the_body_is_not_lost() -> None:
    wish = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
    once = START + wish + b"Content-Length: %d\r\n\r\n" % len(CHAT) + CHAT
    async with relayed(answering) as (server, world):
        reader, writer = await world.connect()
        for _ in range(2):
            writer.write(once)
            assert (await answer_of(reader))[1] == b'{"choices":[]}'
        writer.write(once.replace(b"/v1/chat/completions", b"/app"))
        assert json.loads((await answer_of(reader))[1])["body"] == CHAT.decode()
        writer.close()
    assert [request.body for request in server.requests] == [CHAT, CHAT]
    assert "upgrade" not in server.requests[0].headers


async def test_connect_is_refused() -> None:
    async with relay_world(NOBODY) as world:
        answer = await world.say(b"CONNECT other:443 HTTP/1.1\r\nHost: other:443\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 405 ")
