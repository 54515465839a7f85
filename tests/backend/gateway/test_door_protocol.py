"""Clients of every kind at a door, over real sockets."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest
from fakes.clock import FakeClock
from fakes.relay_world import post, relay_world, relayed, until, upstream_at

from llama_runner_pro.core.errors import Denied
from llama_runner_pro.gateway.pace import BODY_S, HEAD_S, KEEP_ALIVE_S
from llama_runner_pro.gateway.ports import Visitor
from llama_runner_pro.gateway.relay import RelaySettings

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
    async with relayed(answering) as (server, world):
        answer = await world.say(post(CHAT, more=b"X: " + b"a" * 60_000 + b"\r\n"))
    assert answer.startswith(b"HTTP/1.1 200 ")


async def test_a_request_that_arrives_byte_by_byte_is_understood() -> None:
    async with relayed(answering) as (server, world):
        reader, writer = await world.connect()
        for byte in post(CHAT):
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)
        assert (await reader.read()).endswith(b'{"choices":[]}')
        writer.close()
    assert server.requests[0].body == CHAT


async def test_a_chunked_request_reaches_the_server_whole() -> None:
    async with relayed(answering) as (server, world):
        chunks = b"".join(b"%x\r\n%b\r\n" % (1, CHAT[i : i + 1]) for i in range(len(CHAT)))
        reader, writer = await world.connect()
        writer.write(START + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n")
        await answer_of(reader)
        writer.close()
    assert server.requests[0].body == CHAT
    assert "transfer-encoding" not in server.requests[0].headers


async def test_pipelined_requests_are_answered_in_their_order() -> None:
    async def by_number(exchange: Exchange) -> None:
        number = json.loads(exchange.body)["n"]
        await asyncio.sleep(0.05 if number == 0 else 0)
        await exchange.json(b'{"n":%d}' % number)

    async with relayed(by_number) as (server, world):
        reader, writer = await world.connect()
        for number in range(20):
            body = b'{"model":"m","n":%d}' % number
            path = b"/v1/chat/completions" if number % 3 else b"/elsewhere"
            path = b"/v1/chat/completions" if number == 0 else path
            writer.write(
                b"POST " + path + b" HTTP/1.1\r\nHost: localhost\r\n"
                b"Content-Length: %d\r\n\r\n" % len(body) + body
            )
        answers = [json.loads((await answer_of(reader))[1]) for _ in range(20)]
        writer.close()
    told = [a["n"] if "n" in a else json.loads(a["body"])["n"] for a in answers]
    assert told == list(range(20))


async def test_a_thousand_pipelined_requests_that_fail_do_not_exhaust_the_stack() -> None:
    async with relay_world(NOBODY) as world:
        world.admission.must_wait = True
        reader, writer = await world.connect()
        writer.write(START + b"Content-Length: %d\r\n\r\n" % len(CHAT) + CHAT)
        await world.admission.waiting.wait()
        world.admission.error = Denied(403, "no", "no")
        world.admission.must_wait = False
        writer.write((START + b"Content-Length: %d\r\n\r\n" % len(CHAT) + CHAT) * 1_000)
        await asyncio.sleep(0.05)
        world.admission.go_on.set()
        for _ in range(1_001):
            head, _ = await answer_of(reader)
            assert head.startswith(b"HTTP/1.1 403 ")
        writer.close()


async def test_http_1_0_gets_no_chunks_and_a_closed_connection() -> None:
    async def streaming(exchange: Exchange) -> None:
        await exchange.events(b'{"choices":[]}', b"[DONE]")

    async with relayed(streaming) as (server, world):
        answer = await world.say(
            b"POST /v1/chat/completions HTTP/1.0\r\nHost: localhost\r\n"
            b"Content-Length: %d\r\n\r\n" % len(CHAT) + CHAT
        )
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"transfer-encoding" not in head
    assert body == b'data: {"choices":[]}\n\ndata: [DONE]\n\n'


async def test_expect_100_continue_is_answered_before_the_body_comes() -> None:
    async with relayed(answering) as (server, world):
        reader, writer = await world.connect()
        length = b"Content-Length: %d\r\n" % len(CHAT)
        writer.write(START + length + b"Expect: 100-continue\r\n\r\n")
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(CHAT)
        assert (await answer_of(reader))[0].startswith(b"HTTP/1.1 200 ")
        writer.close()
    assert "expect" not in server.requests[0].headers


async def test_who_may_not_come_in_is_told_without_100_continue() -> None:
    async with relay_world(NOBODY) as world:
        world.access.error = Denied(401, "key_missing", "an API key is needed")
        reader, writer = await world.connect()
        writer.write(START + b"Content-Length: 9000000\r\nExpect: 100-continue\r\n\r\n")
        head, body = await answer_of(reader)
        writer.close()
    assert head.startswith(b"HTTP/1.1 401 ")
    assert b"connection: close" in head
    assert json.loads(body)["error"]["code"] == "key_missing"


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


async def test_other_requests_reach_the_app_with_visitor_and_disconnect_event() -> None:
    async with relay_world(NOBODY) as world:
        world.access.visitor = Visitor(key="k", answer_headers=((b"x-page", b"yes"),))
        answer = await world.say(post(b"hello", b"/v1/models?x=1"))
    assert json.loads(answer.partition(b"\r\n\r\n")[2]) == {"path": "/v1/models", "body": "hello"}
    assert b"x-page: yes" in answer
    scope = world.app_scopes[0]
    assert scope["state"]["visitor"].key == "k"
    assert scope["query_string"] == b"x=1"
    assert not scope["state"]["gone"].is_set()


async def test_the_app_is_told_at_once_that_its_client_has_gone() -> None:
    async with relay_world(NOBODY) as world:
        _, writer = await world.connect()
        writer.write(b"POST /app HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc")
        await until(lambda: bool(world.app_scopes))
        gone = world.app_scopes[0]["state"]["gone"]
        writer.transport.abort()
        await asyncio.wait_for(gone.wait(), 5)


async def test_a_key_counts_as_used_until_its_request_has_ended() -> None:
    inside = 0

    def leave() -> None:
        nonlocal inside
        inside -= 1

    async with relayed(answering) as (server, world):
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
        assert (await asyncio.wait_for(reader.read(), 5)).startswith(answer)
        writer.close()


async def test_an_idle_connection_is_closed_after_a_while() -> None:
    clock = FakeClock()
    async with relayed(answering, clock=clock) as (server, world):
        reader, writer = await world.connect()
        writer.write(START + b"Content-Length: %d\r\n\r\n" % len(CHAT) + CHAT)
        await answer_of(reader)
        await clock.advance(KEEP_ALIVE_S - 1)
        writer.write(START + b"Content-Length: %d\r\n\r\n" % len(CHAT) + CHAT)
        await answer_of(reader)
        await clock.advance(KEEP_ALIVE_S + 2)
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()


async def test_a_body_beyond_the_limit_is_refused_whatever_it_announces() -> None:
    settings = RelaySettings(body_limit_bytes=1_000)
    async with relay_world(NOBODY, settings=settings) as world:
        announced = await world.say(post(b"{" + b" " * 2_000 + b"}"))
        chunk = b"400\r\n" + b" " * 1_024 + b"\r\n"
        reader, writer = await world.connect()
        writer.write(START + b"Transfer-Encoding: chunked\r\n\r\n" + chunk)
        head, body = await answer_of(reader)
        writer.close()
    assert announced.startswith(b"HTTP/1.1 413 ")
    assert head.startswith(b"HTTP/1.1 413 ")
    assert json.loads(body)["error"]["code"] == "body_too_large"


async def test_a_thousand_clients_that_vanish_leave_nothing_behind() -> None:
    async with relay_world(NOBODY) as world:
        world.admission.must_wait = True
        for batch in range(10):
            writers = []
            for number in range(100):
                _, writer = await world.connect()
                writer.write(post(CHAT)[: -1 if number % 2 else None])
                writers.append(writer)
            await asyncio.sleep(0)
            for writer in writers:
                writer.transport.abort()
            assert batch < 10
        await until(lambda: not world.state.connections)
        await until(lambda: len(world.journeys.patience) == 1)
        waited = [record for record in world.sink.records if record.ending is not None]
        begun = {record.id for record in world.sink.records}
        assert {record.ending for record in waited} <= {"client_gone"}
        assert {record.id for record in waited} == begun
    assert world.admission.leases == []
