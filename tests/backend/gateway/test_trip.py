"""Model servers that fail in every way, and clients that leave, over real sockets."""

from __future__ import annotations

import asyncio
import gc
import json
from typing import TYPE_CHECKING

import pytest
from fakes.clock import FakeClock
from fakes.raw_upstream import SSE_HEAD, raw_upstream
from fakes.relay_world import post, relay_world, relayed, until, upstream_at
from fakes.running_sidecar import free_port

from llama_runner_pro.core.errors import Saturated
from llama_runner_pro.gateway.road import Limits
from llama_runner_pro.gateway.trip import Trip

if TYPE_CHECKING:
    from fakes.raw_upstream import Exchange

CHAT = b'{"model":"m","messages":[]}'
STREAM = b'{"model":"m","stream":true,"messages":[]}'
TOKEN = b'data: {"choices":[{"delta":{"content":"x"}}]}\n\n'


async def answering(exchange: Exchange) -> None:
    await exchange.json(b'{"choices":[]}')


async def hanging_up(exchange: Exchange) -> None:
    exchange.reset()


async def test_an_answer_passes_and_its_lease_ends_once() -> None:
    async with relayed(answering) as (_server, world):
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

    async with relayed(refusing) as (_server, world):
        answer = await world.say(post(CHAT))
        await world.sink.ended.wait()
    assert answer.startswith(b"HTTP/1.1 " + status.split()[0])
    assert answer.endswith(body)
    assert world.admission.leases[0].ends == [(ending, retry_after_s)]


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
    async with relayed(answering) as (_server, world):
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
    async with relayed(stalling, clock=clock, limits=limits) as (_server, world):
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


async def test_an_error_inside_a_stream_speaks_against_the_server() -> None:
    async def failing(exchange: Exchange) -> None:
        await exchange.events(b'{"choices":[]}', b'{"error":{"message":"decode failed"}}')

    async with relayed(failing) as (_server, world):
        answer = await world.say(post(STREAM))
        await world.sink.ended.wait()
    assert b"decode failed" in answer
    assert world.admission.endings == ["server_error"]


async def test_a_trip_leaves_memory_when_it_ends_and_takes_its_body_along() -> None:
    def trips() -> int:
        return sum(isinstance(one, Trip) for one in gc.get_objects())

    gc.collect()
    gc.disable()
    try:
        async with relayed(answering) as (_server, world):
            for _ in range(5):
                await world.say(post(CHAT))
            await until(lambda: len(world.sink.records) == 5 and not trips())
    finally:
        gc.enable()
