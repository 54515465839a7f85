"""Clients of every kind at a door, over real sockets."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from fakes.relay_world import post, relay_world, relayed, until, upstream_at

from llama_runner_pro.core.errors import Denied
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

    async with relayed(by_number) as (_server, world):
        reader, writer = await world.connect()
        for number in range(20):
            body = b'{"model":"m","n":%d}' % number
            path = b"/v1/chat/completions" if number % 3 or not number else b"/elsewhere"
            writer.write(
                b"POST " + path + b" HTTP/1.1\r\nHost: localhost\r\n"
                b"Content-Length: %d\r\n\r\n" % len(body) + body
            )
        answers = [json.loads((await answer_of(reader))[1]) for _ in range(20)]
        writer.close()
    assert [json.loads(a.get("body", "{}")).get("n", a.get("n")) for a in answers] == [*range(20)]


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

    async with relayed(streaming) as (_server, world):
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
        await asyncio.wait_for(gone.wait(), 60)


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
        await until(lambda: len(world.journeys.patience) == 0)
        waited = [record for record in world.sink.records if record.ending is not None]
        begun = {record.id for record in world.sink.records}
        assert {record.ending for record in waited} <= {"client_gone"}
        assert {record.id for record in waited} == begun
    assert world.admission.leases == []


def again(body: bytes, more: bytes = b"") -> bytes:
    """A request on a connection that stays open."""
    return START + more + b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


async def echoing(exchange: Exchange) -> None:
    await exchange.json(b'{"got":%b}' % exchange.body)


def chat(number: int) -> bytes:
    return b'{"model":"m","messages":[],"n":%d}' % number


async def test_a_client_that_asks_again_and_again_gets_each_answer() -> None:
    async with relayed(echoing) as (server, world):
        reader, writer = await world.connect()
        for number in (1, 22, 333, 4_444, 5):
            writer.write(again(chat(number)))
            assert (await answer_of(reader))[1] == b'{"got":%b}' % chat(number)
        writer.close()
    assert [request.body for request in server.requests] == [
        chat(number) for number in (1, 22, 333, 4_444, 5)
    ]
    assert world.admission.endings == ["ok"] * 5


async def test_requests_after_known_ones_may_come_in_any_shape() -> None:
    async with relayed(echoing) as (_, world):
        reader, writer = await world.connect()

        async def ask(*parts: bytes, count: int = 1) -> None:
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(0.02)
            for _ in range(count):
                assert (await answer_of(reader))[1].startswith(b'{"got":')

        whole = again(chat(1))
        await ask(whole)
        await ask(whole)
        await ask(whole[:30], whole[30:])
        await ask(whole[:-5], whole[-5:])
        await ask(whole + whole + whole, count=3)
        await ask(whole + whole[:9], whole[9:], count=2)
        await ask(b"\r\n" + whole)
        await ask(whole)
        await ask(again(chat(2), b"X-Other: 1\r\n"))
        await ask(whole)
        writer.close()
    assert world.admission.endings == ["ok"] * 13


async def test_a_half_head_followed_by_a_known_one_is_not_taken_for_that() -> None:
    async with relayed(echoing) as (_, world):
        reader, writer = await world.connect()
        writer.write(again(chat(1)))
        await answer_of(reader)
        writer.write(again(chat(1)) + b"POST /v1/completions HTTP/1.1\r\nX-Begun: ")
        await answer_of(reader)
        writer.write(again(chat(3)))
        # To a parser the second head goes on: its target is a header's value, its body the same.
        await answer_of(reader)
        await until(lambda: len(world.sink.records) == 3)
        writer.close()
    assert [record.path for record in world.sink.records if record.ending == "ok"] == [
        "/v1/chat/completions",
        "/v1/chat/completions",
        "/v1/completions",
    ]


async def test_who_may_come_in_is_asked_for_each_request_of_a_connection() -> None:
    async with relayed(echoing) as (_, world):
        reader, writer = await world.connect()
        writer.write(again(chat(1)))
        await answer_of(reader)
        world.access.error = Denied(401, "key_missing", "an API key is needed")
        writer.write(again(chat(2)))
        assert (await answer_of(reader))[0].startswith(b"HTTP/1.1 401 ")
        world.access.error = None
        world.access.visitor = Visitor(key="k", answer_headers=((b"x-page", b"yes"),))
        writer.write(again(chat(3)))
        assert b"x-page: yes" in (await answer_of(reader))[0]
        await until(lambda: len(world.sink.records) == 3)
        writer.close()
    assert [(record.status, record.key) for record in world.sink.records] == [
        (200, None),
        (401, None),
        (200, "k"),
    ]


async def test_a_known_head_with_too_large_a_body_is_refused() -> None:
    async with relayed(echoing, settings=RelaySettings(body_limit_bytes=40)) as (_, world):
        reader, writer = await world.connect()
        writer.write(again(chat(1)))
        await answer_of(reader)
        writer.write(again(chat(10**20)))
        assert (await answer_of(reader))[0].startswith(b"HTTP/1.1 413 ")
        writer.close()


async def test_who_may_not_come_in_is_told_so_in_the_words_of_the_address() -> None:
    async with relay_world(NOBODY) as world:
        world.access.error = Denied(401, "key_missing", "an API key is needed")
        reader, writer = await world.connect()
        writer.write(b"GET /v1/messages/batches HTTP/1.1\r\nHost: localhost\r\n\r\n")
        body = json.loads((await answer_of(reader))[1])
        writer.close()
    assert (body["type"], body["error"]["type"]) == ("error", "authentication_error")
