from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import uvicorn
from fakes.relay_world import post, relayed, until

from llama_runner_pro.core.clock import SystemClock
from llama_runner_pro.gateway.server import door_config

if TYPE_CHECKING:
    from fakes.raw_upstream import Exchange

STREAM = b'{"model":"m","stream":true}'


async def nothing(_scope: object, _receive: object, _send: object) -> None:
    """No app is asked here."""


async def test_a_door_that_closes_lets_its_streams_end_first() -> None:
    last = asyncio.Event()

    async def streaming(exchange: Exchange) -> None:
        await exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        await exchange.chunk(b"first ")
        await last.wait()
        await exchange.chunk(b"last")
        await exchange.send(b"0\r\n\r\n")

    async with relayed(streaming) as (_server, world):
        config = door_config(
            nothing,  # type: ignore[arg-type]
            world.relay,
            SystemClock(),
            surface="openai",
            host="127.0.0.1",
            port=0,
        )
        door = uvicorn.Server(config)
        serving = asyncio.ensure_future(door._serve())
        await until(lambda: door.started)
        port = door.servers[0].sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        idle, idle_writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(post(STREAM).replace(b"Connection: close\r\n", b""))
        await reader.readuntil(b"first ")
        door.should_exit = True
        assert await asyncio.wait_for(idle.read(), 60) == b""
        last.set()
        assert (await asyncio.wait_for(reader.read(), 60)).endswith(b"0\r\n\r\n")
        await asyncio.wait_for(serving, 60)
        writer.close()
        idle_writer.close()
    assert world.admission.endings == ["ok"]
