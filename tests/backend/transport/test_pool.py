from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from fakes.wire import FakeTransport

from llama_runner_pro.transport.connection import Connection
from llama_runner_pro.transport.origin import Origin, parse_url
from llama_runner_pro.transport.pool import Pool

if TYPE_CHECKING:
    from conftest import Serve

HERE = Origin("http", "127.0.0.1", 1)
THERE = Origin("http", "127.0.0.1", 2)


async def used_connection() -> tuple[Connection, FakeTransport]:
    connection, transport = Connection(), FakeTransport()
    connection.connection_made(transport)
    asked = asyncio.ensure_future(connection.exchange(b"GET", limit_bytes=9, head_only=False))
    await asyncio.sleep(0)
    connection.data_received(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    await asked
    return connection, transport


async def test_a_connection_comes_back_for_its_own_origin_only() -> None:
    pool = Pool(Connection)
    connection, _ = await used_connection()
    pool.give_back(HERE, connection)
    assert pool.take_idle(THERE) is None
    assert pool.take_idle(HERE) is connection
    assert pool.take_idle(HERE) is None


async def test_at_most_two_idle_connections_are_kept() -> None:
    pool = Pool(Connection)
    used = [await used_connection() for _ in range(3)]
    for connection, _ in used:
        pool.give_back(HERE, connection)
    assert [transport.closed for _, transport in used] == [False, False, True]


async def test_a_connection_that_died_while_idle_is_not_handed_out() -> None:
    pool = Pool(Connection)
    connection, transport = await used_connection()
    pool.give_back(HERE, connection)
    transport.closed = True
    assert pool.take_idle(HERE) is None


async def test_a_connection_that_cannot_be_used_again_is_closed() -> None:
    pool = Pool(Connection)
    connection, transport = Connection(), FakeTransport()
    connection.connection_made(transport)
    pool.give_back(HERE, connection)
    assert transport.closed
    assert pool.take_idle(HERE) is None


async def test_closing_the_pool_closes_idle_connections_and_those_that_come_back() -> None:
    pool = Pool(Connection)
    (idle, idle_transport), (busy, busy_transport) = (
        await used_connection(),
        await used_connection(),
    )
    pool.give_back(HERE, idle)
    pool.close()
    assert idle_transport.closed
    pool.give_back(HERE, busy)
    assert busy_transport.closed
    assert pool.take_idle(HERE) is None


async def test_dialling_opens_a_connection_that_can_be_used(serve: Serve) -> None:
    server = await serve(lambda *_: b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
    connection = await Pool(Connection).dial(parse_url(server.url)[0])
    answer = await connection.exchange(b"GET / HTTP/1.1\r\n\r\n", limit_bytes=9, head_only=False)
    assert answer.body == b"hi"
    connection.close()


async def test_dialling_a_server_that_does_not_speak_tls_fails(serve: Serve) -> None:
    server = await serve(lambda *_: b"HTTP/1.1 200 OK\r\n\r\n")
    origin = parse_url(server.url.replace("http:", "https:"))[0]
    dialled = asyncio.ensure_future(Pool(Connection).dial(origin))
    await server.connected.wait()
    await server.hang_up()
    with pytest.raises(OSError, match=r".*"):
        await dialled


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["::1", "127.0.0.1"]])
async def test_a_name_is_dialled_at_its_first_address_that_answers(
    serve: Serve, addresses: list[str]
) -> None:
    server = await serve(lambda *_: b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    port = parse_url(server.url)[0].port
    pool = Pool(Connection, resolve={"model.test": addresses}.__getitem__)
    connection = await pool.dial(Origin("http", "model.test", port))
    await server.connected.wait()
    connection.close()


async def test_a_name_that_nobody_knows_cannot_be_dialled() -> None:
    def unknown(name: str) -> list[str]:
        raise OSError(f"{name}: name or service not known")

    with pytest.raises(OSError, match="not known"):
        await Pool(Connection, resolve=unknown).dial(Origin("http", "model.test", 1))


async def test_a_name_server_that_hangs_takes_one_thread_of_nobody_else() -> None:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    asked, answers = threading.Semaphore(0), threading.Event()

    def hang(name: str) -> list[str]:
        asked.release()
        answers.wait()
        raise OSError

    pool = Pool(Connection, resolve=hang)
    dialling = [asyncio.create_task(pool.dial(Origin("http", "model.test", 1))) for _ in range(9)]
    assert await asyncio.to_thread(asked.acquire)
    for one in dialling:
        one.cancel()
    await asyncio.wait(dialling)
    assert await asyncio.to_thread(lambda: 7) == 7
    assert not asked.acquire(blocking=False)
    answers.set()
