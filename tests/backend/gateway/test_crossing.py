"""Clients that leave, or read slowly."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from fakes.clock import FakeClock
from fakes.raw_upstream import SSE_HEAD
from fakes.relay_world import post, relay_world, relayed, until, upstream_at
from msgspec.structs import replace

from llama_runner_pro.gateway.body import SPOOL_BYTES
from llama_runner_pro.gateway.relay import RelaySettings
from llama_runner_pro.gateway.road import Limits
from llama_runner_pro.transport.origin import Origin

if TYPE_CHECKING:
    from pathlib import Path

    from fakes.raw_upstream import Exchange

CHAT = b'{"model":"m","messages":[]}'
STREAM = b'{"model":"m","stream":true,"messages":[]}'
TOKEN = b'data: {"choices":[{"delta":{"content":"x"}}]}\n\n'


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
        await asyncio.wait_for(world.sink.ended.wait(), 60)
        left = world.admission.left_queue if phase == "queue" else server.gone
        await asyncio.wait_for(left.wait(), 60)
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
        await asyncio.wait_for(world.sink.ended.wait(), 60)
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
        await asyncio.wait_for(server.gone.wait(), 60)


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


async def test_a_client_that_only_sends_gets_rid_of_its_body_and_hears_of_a_full_disk(
    tmp_path: Path,
) -> None:
    (tmp_path / "taken").touch()
    settings = RelaySettings(spool_folder=tmp_path / "taken" / "spool")
    async with relay_world(upstream_at(9), settings=settings) as world:
        reader, writer = await world.connect()
        writer.write(post(b"x" * (SPOOL_BYTES + 40_000_000)))
        await asyncio.wait_for(writer.drain(), 60)
        answer = await asyncio.wait_for(reader.read(), 60)
        writer.close()
    assert answer.startswith(b"HTTP/1.1 507 ")
    assert b"could not be kept on disk" in answer
