"""Requests whose answers are read here, over real sockets."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING

import pytest
from fakes.raw_upstream import SSE_HEAD
from fakes.relay_world import RelayWorld, relayed, until

from llama_runner_pro.config.gateway import CaptureSpec
from llama_runner_pro.core.errors import ClientGone, NotReady, Saturated, UpstreamBroken
from llama_runner_pro.gateway.capture import CaptureRing
from llama_runner_pro.gateway.journey import Dispatch, Gone, Journeys, Reply, Visit
from llama_runner_pro.gateway.ports import Ask, Upstream
from llama_runner_pro.gateway.upstream import Upstreams

if TYPE_CHECKING:
    from fakes.raw_upstream import Exchange

ASK = Ask(model="m", surface="ollama", operation="chat")
TOKEN = b'data: {"choices":[{"delta":{"content":"x"}}]}\n\n'


def dispatch(_upstream: Upstream) -> Dispatch:
    return Dispatch("POST", "/v1/chat/completions", b"content-type: x\r\n", b"body")


def visit(gone: Gone | None = None) -> Visit:
    return Visit(surface="ollama", operation="chat", path="/api/chat", stream=True, gone=gone)


async def travel(world: RelayWorld, gone: Gone | None = None) -> Reply:
    return await world.journeys.travel(ASK, dispatch, visit(gone))


async def answering(exchange: Exchange) -> None:
    await exchange.json(b'{"a":1}', more=b"X-One: a\r\nX-One: b\r\n")


async def endless(exchange: Exchange) -> None:
    await exchange.send(SSE_HEAD)
    while True:
        await exchange.chunk(b"data: " + b"x" * 60_000 + b"\n\n")


async def test_an_answer_is_read_as_a_whole() -> None:
    async with relayed(answering) as (server, world):
        reply = await travel(world)
        assert (reply.status, reply.headers["x-one"]) == (200, "a, b")
        assert await reply.read() == b'{"a":1}'
        assert reply.tap.ending == "ok"
        assert reply.upstream.endpoint == "one"
        assert (reply.queue_ms, reply.load_ms) == (0.0, 0.0)
        await reply.aclose()
    assert server.requests[0].body == b"body"
    assert world.admission.endings == ["ok"]


async def test_pieces_come_as_they_arrive_and_the_record_is_final_at_the_end() -> None:
    go_on = asyncio.Event()

    async def slowly(exchange: Exchange) -> None:
        await exchange.send(SSE_HEAD)
        await exchange.chunk(TOKEN)
        await go_on.wait()
        await exchange.chunk(TOKEN)
        await exchange.send(b"0\r\n\r\n")

    async with relayed(slowly) as (_server, world):
        reply = await travel(world)
        pieces = []
        async for piece in reply:
            pieces.append(piece)
            go_on.set()
        assert pieces == [TOKEN, TOKEN]
        assert (reply.tap.ending, reply.tap.generated_tokens) == ("ok", 2)


async def test_a_slow_reader_slows_the_server_down() -> None:
    async with relayed(endless) as (server, world):
        reply = await travel(world)
        await asyncio.sleep(0.3)
        assert reply.tap.bytes_out < 1_000_000
        seen = 0
        async for piece in reply:
            seen += len(piece)
            if seen > 3_000_000:
                break
        await reply.aclose()
        await asyncio.wait_for(server.gone.wait(), 60)
    assert world.admission.endings == ["client_gone"]


async def test_an_answer_beyond_the_limit_is_given_up() -> None:
    async with relayed(endless) as (server, world):
        reply = await travel(world)
        with pytest.raises(UpstreamBroken, match="larger than 100000 bytes"):
            await reply.read(100_000)
        await asyncio.wait_for(server.gone.wait(), 60)


async def test_an_answer_that_breaks_off_raises_after_what_came() -> None:
    async def dying(exchange: Exchange) -> None:
        await exchange.send(SSE_HEAD)
        await exchange.chunk(TOKEN)
        await asyncio.sleep(0.05)
        exchange.reset()

    async with relayed(dying) as (_server, world):
        reply = await travel(world)
        pieces = aiter(reply)
        assert await anext(pieces) == TOKEN
        with pytest.raises(UpstreamBroken):
            await anext(pieces)
    assert world.admission.endings == ["cut_off"]


async def test_what_admission_refuses_is_raised_and_recorded() -> None:
    async with relayed(answering) as (_server, world):
        world.admission.error = Saturated("full", 2.0)
        with pytest.raises(Saturated):
            await travel(world)
    assert (world.sink.last.ending, world.sink.last.error) == ("never_started", "full")
    assert world.sink.last.status == 503


@pytest.mark.parametrize("phase", ["queue", "sent", "streaming"])
async def test_a_client_that_is_gone_stops_everything(phase: str) -> None:
    async def slow(exchange: Exchange) -> None:
        if phase == "streaming":
            await exchange.send(SSE_HEAD)
            await exchange.chunk(TOKEN)
        await exchange.until_gone()

    gone = Gone()
    async with relayed(slow) as (server, world):
        world.admission.must_wait = phase == "queue"

        async def read() -> bytes:
            return await (await travel(world, gone)).read()

        reading = asyncio.ensure_future(read())
        if phase == "queue":
            await world.admission.waiting.wait()
        else:
            await server.arrived.wait()
        await asyncio.sleep(0.05)
        gone.set()
        with pytest.raises(ClientGone):
            await reading
        left = world.admission.left_queue if phase == "queue" else server.gone
        await asyncio.wait_for(left.wait(), 60)
    assert world.sink.last.ending == "client_gone"


async def test_a_cancelled_journey_leaves_the_queue() -> None:
    async with relayed(answering) as (_server, world):
        world.admission.must_wait = True
        travelling = asyncio.ensure_future(travel(world))
        await world.admission.waiting.wait()
        travelling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await travelling
        await asyncio.wait_for(world.admission.left_queue.wait(), 60)


async def test_who_is_gone_already_asks_nobody() -> None:
    gone = Gone()
    gone.set()
    async with relayed(answering) as (_server, world):
        with pytest.raises(ClientGone):
            await travel(world, gone)
    assert world.admission.asks == []


async def test_the_end_of_the_gateway_ends_what_waits() -> None:
    async with relayed(answering) as (_server, world):
        world.admission.must_wait = True
        journeys = Journeys(world.admission, Upstreams(world.clock), world.sink, world.clock)
        running = asyncio.ensure_future(journeys.run())
        await asyncio.sleep(0)
        travelling = asyncio.ensure_future(journeys.travel(ASK, dispatch, visit()))
        await world.admission.waiting.wait()
        running.cancel()
        await asyncio.wait_for(world.admission.left_queue.wait(), 60)
        with pytest.raises(NotReady, match="stopping"):
            await asyncio.wait_for(travelling, 60)
        with pytest.raises(asyncio.CancelledError):
            await running
        with pytest.raises(RuntimeError, match="not running"):
            journeys.spawn(asyncio.sleep(0))


async def test_the_end_of_the_gateway_is_told_in_mid_stream() -> None:
    async with relayed(endless) as (server, world):
        reply = await travel(world)
        await server.arrived.wait()
        world.running.cancel()
        with pytest.raises(NotReady, match="stopping"):
            await reply.read()
        await asyncio.wait_for(server.gone.wait(), 60)


async def test_texts_are_kept_while_that_is_switched_on() -> None:
    ring = CaptureRing(CaptureSpec(enabled=True))
    async with relayed(answering, capture=ring) as (_server, world):
        reply = await travel(world)
        await reply.read()
        await until(lambda: bool(ring.all()))
        ring.configure(CaptureSpec())
        await (await travel(world)).read()
    assert ring.all() == []


async def test_a_journey_leaves_memory_when_it_is_over() -> None:
    def gones() -> int:
        return sum(isinstance(one, Gone) for one in gc.get_objects())

    gc.collect()
    gc.disable()
    try:
        async with relayed(answering) as (_server, world):
            for _ in range(5):
                await (await travel(world, Gone())).read()
            await until(lambda: not gones())
    finally:
        gc.enable()
