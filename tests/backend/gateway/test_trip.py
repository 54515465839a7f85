"""Model servers that fail in every way, and clients that leave, over real sockets."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from fakes.clock import FakeClock
from fakes.raw_upstream import SSE_HEAD, raw_upstream
from fakes.relay_world import post, relay_world, relayed, until, upstream_at
from fakes.running_sidecar import free_port

from llama_runner_pro.core.errors import Saturated
from llama_runner_pro.gateway.road import Limits
from llama_runner_pro.transport.origin import Origin

if TYPE_CHECKING:
    from fakes.raw_upstream import Exchange

CHAT = b'{"model":"m","messages":[]}'
STREAM = b'{"model":"m","stream":true,"messages":[]}'
TOKEN = b'data: {"choices":[{"delta":{"content":"x"}}]}\n\n'


async def answering(exchange: Exchange) -> None:
    await exchange.json(b'{"choices":[]}')


async def hanging_up(exchange: Exchange) -> None:
    exchange.reset()


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


async def test_an_answer_passes_and_its_lease_ends_once() -> None:
    async with relayed(answering) as (server, world):
        answer = await world.say(post(CHAT))
        await world.sink.ended.wait()
    assert answer.endswith(b'{"choices":[]}')
    assert world.admission.endings == ["ok"]
    assert (world.sink.last.ending, world.sink.last.status) == ("ok", 200)


@pytest.mark.parametrize(
    ("status", "body", "more", "ending", "retry_after_s"),
    [
        (b"400 Bad Request", b"{}", b"", "refused", None),
        (b"401 Unauthorized", b"{}", b"", "unauthorized", None),
        (b"429 Too Many", b"{}", b"Retry-After: 7\r\n", "busy", 7.0),
        (b"500 Oh", b"{}", b"", "server_error", None),
        (b"503 No", b'{"error":{"message":"Loading model"}}', b"", "loading", None),
        (b"503 No", b'{"error":{"message":"no slot available"}}', b"", "busy", None),
        (b"503 No", b"{}", b"Retry-After: soon\r\n", "server_error", None),
    ],
)
async def test_a_refusal_of_the_server_passes_and_ends_the_lease_in_its_own_way(
    status: bytes, body: bytes, more: bytes, ending: str, retry_after_s: float | None
) -> None:
    async def refusing(exchange: Exchange) -> None:
        await exchange.json(body, status, more)

    async with relayed(refusing) as (server, world):
        answer = await world.say(post(CHAT))
        await world.sink.ended.wait()
    assert answer.startswith(b"HTTP/1.1 " + status.split()[0])
    assert answer.endswith(body)
    assert world.admission.leases[0].ends == [(ending, retry_after_s)]


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


async def test_a_server_that_nobody_answers_for_fails_over_to_another() -> None:
    async with raw_upstream(answering) as server:
        dead = upstream_at(free_port(), endpoint="dead")
        async with relay_world(dead, upstream_at(server.port, endpoint="alive")) as world:
            answer = await world.say(post(CHAT))
            await world.sink.ended.wait()
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert world.admission.endings == ["connect_failed", "ok"]
    assert world.sink.last.endpoint == "alive"
    assert world.admission.asks[-1].avoid == {"dead"}


async def test_a_server_that_hangs_up_before_its_first_byte_fails_over_to_another() -> None:
    async with raw_upstream(hanging_up) as broken, raw_upstream(answering) as sound:
        upstreams = [upstream_at(broken.port), upstream_at(sound.port, endpoint="two")]
        async with relay_world(*upstreams) as world:
            answer = await world.say(post(CHAT))
            await world.sink.ended.wait()
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert world.admission.endings == ["connect_failed", "ok"]


async def test_it_fails_over_once_only() -> None:
    async with (
        raw_upstream(hanging_up) as one,
        raw_upstream(hanging_up) as two,
        raw_upstream(answering) as three,
        relay_world(
            upstream_at(one.port, endpoint="one"),
            upstream_at(two.port, endpoint="two"),
            upstream_at(three.port, endpoint="three"),
        ) as world,
    ):
        answer = await world.say(post(CHAT))
    assert answer.startswith(b"HTTP/1.1 502 ")
    assert world.admission.endings == ["connect_failed", "connect_failed"]
    assert three.requests == []


async def test_without_another_server_the_client_is_told_what_went_wrong_with_the_first() -> None:
    async with relay_world(upstream_at(free_port(), endpoint="dead")) as world:
        answer = await world.say(post(CHAT))
    assert answer.startswith(b"HTTP/1.1 502 ")
    error = json.loads(answer.partition(b"\r\n\r\n")[2])["error"]
    assert error["message"].startswith("dead: nothing answers at http://127.0.0.1:")
    assert world.admission.endings == ["connect_failed"]


async def test_a_refused_admission_is_told_with_when_to_come_back() -> None:
    async with relay_world(upstream_at(1)) as world:
        world.admission.error = Saturated("every slot is taken", 3.0)
        answer = await world.say(post(CHAT))
    assert answer.startswith(b"HTTP/1.1 429 ")
    assert b"retry-after: 3" in answer
    assert (world.sink.last.ending, world.sink.last.status) == ("never_started", 429)


async def test_a_request_that_must_wait_is_sent_when_its_turn_comes() -> None:
    async with relayed(answering) as (server, world):
        world.admission.must_wait = True
        asked = asyncio.ensure_future(world.say(post(CHAT)))
        await world.admission.waiting.wait()
        assert world.sink.last.phase == "queued"
        world.admission.go_on.set()
        assert (await asked).startswith(b"HTTP/1.1 200 ")
    assert world.admission.endings == ["ok"]


@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 200 OK\r\nContent-", SSE_HEAD])
async def test_a_server_that_stays_silent_is_given_up(sent: bytes) -> None:
    async def silent(exchange: Exchange) -> None:
        await exchange.send(sent)
        await exchange.until_gone()

    clock = FakeClock()
    limits = Limits(first_byte_timeout_s=30)
    async with relayed(silent, clock=clock, limits=limits) as (server, world):
        asked = asyncio.ensure_future(world.say(post(STREAM)))
        await server.arrived.wait()
        await asyncio.sleep(0.05)
        await clock.advance(29)
        assert not asked.done()
        await clock.advance(3)
        answer = await asked
        await server.gone.wait()
    assert b"no answer within 30 s" in answer
    assert world.admission.endings == ["no_first_byte"]


async def test_a_stream_that_falls_silent_ends_with_an_error_event() -> None:
    async def stalling(exchange: Exchange) -> None:
        await exchange.send(SSE_HEAD)
        await exchange.chunk(TOKEN)
        await exchange.until_gone()

    clock = FakeClock()
    limits = Limits(stall_timeout_s=10)
    async with relayed(stalling, clock=clock, limits=limits) as (server, world):
        reader, writer = await world.connect()
        writer.write(post(STREAM))
        await reader.readuntil(b'"x"}}]}\n\n\r\n')
        await clock.advance(12)
        rest = await reader.read()
        writer.close()
    event = rest.partition(b"data: ")[2].partition(b"\n\n")[0]
    assert "silent for 10 s" in json.loads(event)["error"]["message"]
    assert rest.endswith(b"0\r\n\r\n")
    assert world.admission.endings == ["stalled"]


@pytest.mark.parametrize("half", [b"", b'data: {"choices":[{"del', b"data"])
async def test_a_server_that_dies_in_mid_stream_leaves_whole_events_and_an_error(
    half: bytes,
) -> None:
    async def dying(exchange: Exchange) -> None:
        await exchange.send(SSE_HEAD)
        await exchange.chunk(TOKEN + half)
        exchange.reset()

    async with relayed(dying) as (server, world):
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

    async with relayed(short) as (server, world):
        answer = await world.say(post(CHAT))
        await world.sink.ended.wait()
    assert b"content-length: 100" in answer
    assert answer.endswith(b"only this")
    assert world.admission.endings == ["cut_off"]


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

    async with relayed(raving) as (server, world):
        answer = await asyncio.wait_for(world.say(post(CHAT)), 10)
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

    async with relayed(talkative) as (server, world):
        for _ in range(3):
            assert (await world.say(post(CHAT))).endswith(b"\r\n\r\n{}")
            await asyncio.sleep(0.02)
    assert world.admission.endings == ["ok"] * 3


async def test_an_answer_without_length_ends_with_its_connection() -> None:
    async def old(exchange: Exchange) -> None:
        await exchange.send(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nall of it")
        exchange.writer.close()

    async with relayed(old) as (server, world):
        answer = await world.say(post(CHAT))
        await world.sink.ended.wait()
    assert body_of(answer) == b"all of it"
    assert world.admission.endings == ["ok"]


@pytest.mark.parametrize("phase", ["queue", "sent", "streaming"])
async def test_a_client_that_leaves_stops_the_work_done_for_it(phase: str) -> None:
    async def slow(exchange: Exchange) -> None:
        if phase == "streaming":
            await exchange.send(SSE_HEAD)
            await exchange.chunk(TOKEN)
        await exchange.until_gone()

    async with relayed(slow) as (server, world):
        world.admission.must_wait = phase == "queue"
        reader, writer = await world.connect()
        writer.write(post(STREAM))
        if phase == "queue":
            await world.admission.waiting.wait()
        else:
            await server.arrived.wait()
        if phase == "streaming":
            await reader.readuntil(b"\n\n")
        writer.transport.abort()
        await asyncio.wait_for(world.sink.ended.wait(), 5)
        left = world.admission.left_queue if phase == "queue" else server.gone
        await asyncio.wait_for(left.wait(), 5)
    assert world.sink.last.ending == "client_gone"
    assert world.admission.endings == ([] if phase == "queue" else ["client_gone"])


async def test_a_client_that_leaves_while_the_server_is_dialled_ends_the_lease() -> None:
    clock = FakeClock()
    # An address for documentation: nobody answers there.
    nowhere = replace(upstream_at(9), origin=Origin("http", "192.0.2.1", 9))
    async with relay_world(nowhere, clock=clock) as world:
        _, writer = await world.connect()
        writer.write(post(CHAT))
        await until(lambda: bool(world.admission.leases))
        writer.transport.abort()
        await asyncio.wait_for(world.sink.ended.wait(), 5)
    assert world.admission.endings in (["client_gone"], ["connect_failed"])


async def test_a_slow_reader_slows_the_server_down() -> None:
    sent = 0

    async def flooding(exchange: Exchange) -> None:
        nonlocal sent
        await exchange.send(SSE_HEAD)
        while True:
            await exchange.chunk(b"data: " + b"x" * 60_000 + b"\n\n")
            sent += 60_000

    async with relayed(flooding) as (server, world):
        reader, writer = await world.connect()
        writer.write(post(STREAM))
        await reader.readuntil(b"\n\n")
        before = -1
        while sent != before:
            before = sent
            await asyncio.sleep(0.2)
        # Socket buffers of four ends, and ours; not the endless stream.
        assert sent < 60_000_000
        assert await reader.readexactly(5_000_000)
        writer.transport.abort()
        await asyncio.wait_for(server.gone.wait(), 5)


async def test_a_client_that_never_reads_is_given_up() -> None:
    async def flooding(exchange: Exchange) -> None:
        await exchange.send(SSE_HEAD)
        while True:
            await exchange.chunk(b"data: " + b"x" * 60_000 + b"\n\n")

    clock = FakeClock()
    limits = Limits(stall_timeout_s=10)
    async with relayed(flooding, clock=clock, limits=limits) as (server, world):
        _, writer = await world.connect()
        writer.transport.pause_reading()
        writer.write(post(STREAM))
        await server.arrived.wait()
        while not world.sink.ended.is_set():
            await asyncio.sleep(0.05)
            await clock.advance(1)
        writer.transport.abort()
    assert world.admission.endings == ["client_gone"]


async def test_an_error_inside_a_stream_speaks_against_the_server() -> None:
    async def failing(exchange: Exchange) -> None:
        await exchange.events(b'{"choices":[]}', b'{"error":{"message":"decode failed"}}')

    async with relayed(failing) as (server, world):
        answer = await world.say(post(STREAM))
        await world.sink.ended.wait()
    assert b"decode failed" in answer
    assert world.admission.endings == ["server_error"]
