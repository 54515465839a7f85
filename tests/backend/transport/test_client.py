from __future__ import annotations

import asyncio
import socket
import sys
from typing import TYPE_CHECKING

import pytest
from fakes.clock import FakeClock
from fakes.slow_clock import SlowClock
from fakes.wire import HANG_UP, ScriptedServer

from llama_runner_pro.core.errors import ConnectRefused, DeadlineExceeded, ProtocolBroken
from llama_runner_pro.transport.client import HttpClient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conftest import Serve

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Kind: test\r\n\r\nok"


@pytest.fixture
async def client() -> AsyncIterator[HttpClient]:
    client = HttpClient(SlowClock())
    yield client
    await client.aclose()


async def test_a_request_returns_status_headers_body_and_time(
    client: HttpClient, serve: Serve
) -> None:
    server = await serve(lambda *_: OK)
    response = await client.request("GET", server.url + "/health?x=1", deadline_s=5)
    assert (response.status, response.body) == (200, b"ok")
    assert response.headers["x-kind"] == "test"
    assert response.elapsed_ms > 0
    assert server.requests[0].startswith(b"GET /health?x=1 HTTP/1.1\r\n")


async def test_every_status_is_an_answer(client: HttpClient, serve: Serve) -> None:
    server = await serve(lambda *_: b"HTTP/1.1 503 Loading\r\nContent-Length: 0\r\n\r\n")
    assert (await client.request("GET", server.url, deadline_s=5)).status == 503


async def test_headers_and_body_are_sent(client: HttpClient, serve: Serve) -> None:
    server = await serve(lambda *_: OK)
    await client.request(
        "POST", server.url, deadline_s=5, headers={"Authorization": "Bearer x"}, body=b'{"a":1}'
    )
    assert b"authorization: Bearer x\r\n" in server.requests[0]
    assert server.requests[0].endswith(b'\r\n\r\n{"a":1}')


async def test_a_connection_is_kept_for_the_next_request(client: HttpClient, serve: Serve) -> None:
    server = await serve(lambda *_: OK)
    for _ in range(5):
        await client.request("GET", server.url, deadline_s=5)
    assert server.connections == 1


async def test_a_dead_idle_connection_is_replaced_without_the_caller_noticing(
    client: HttpClient, serve: Serve
) -> None:
    server = await serve(lambda connection, n: HANG_UP if (connection, n) == (1, 2) else OK)
    await client.request("GET", server.url, deadline_s=5)
    assert (await client.request("GET", server.url, deadline_s=5)).body == b"ok"
    assert server.connections == 2


async def test_a_fresh_connection_that_hangs_up_is_not_tried_again(
    client: HttpClient, serve: Serve
) -> None:
    server = await serve(lambda *_: HANG_UP)
    with pytest.raises(ConnectRefused, match="hung up before it answered"):
        await client.request("GET", server.url, deadline_s=5)
    assert server.connections == 1


async def test_a_request_with_effects_is_never_sent_twice(client: HttpClient, serve: Serve) -> None:
    server = await serve(lambda connection, _: OK if connection == 1 else HANG_UP)
    await client.request("GET", server.url, deadline_s=5)
    with pytest.raises(ConnectRefused):
        await client.request("POST", server.url, deadline_s=5, body=b"{}")
    assert [request.partition(b" ")[0] for request in server.requests] == [b"GET", b"POST"]


async def test_an_answer_that_breaks_off_is_not_asked_for_again(
    client: HttpClient, serve: Serve
) -> None:
    cut = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\nConnection: close\r\n\r\nabc"
    server = await serve(lambda *_: cut)
    with pytest.raises(ProtocolBroken, match="middle"):
        await client.request("GET", server.url, deadline_s=5)
    assert server.connections == 1


async def test_nobody_listening_is_said_in_words(client: HttpClient) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
        with pytest.raises(ConnectRefused, match=r"nothing answers at .* \(connection refused\)"):
            await client.request("GET", url, deadline_s=5)


async def test_an_unknown_host_is_said_in_words(client: HttpClient) -> None:
    with pytest.raises(ConnectRefused, match="nothing answers at"):
        await client.request("GET", "http://no-such-host.invalid/", deadline_s=20)


async def test_silence_ends_at_the_deadline_and_closes_the_connection(serve: Serve) -> None:
    clock = FakeClock()
    client = HttpClient(clock)
    server = await serve(lambda *_: b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel")
    asked = asyncio.ensure_future(client.request("GET", server.url, deadline_s=2))
    await server.asked.wait()
    await clock.advance(1.9)
    assert not asked.done()
    await clock.advance(0.2)
    with pytest.raises(DeadlineExceeded, match="within 2 s"):
        await asked
    await client.aclose()


async def test_a_cancelled_request_does_not_leave_its_connection_for_others(serve: Serve) -> None:
    client = HttpClient(SlowClock())
    server = await serve(lambda connection, _: OK if connection > 1 else b"HTTP/1.1 200 OK\r\n")
    asked = asyncio.ensure_future(client.request("GET", server.url, deadline_s=5))
    await server.asked.wait()
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert (await client.request("GET", server.url, deadline_s=5)).body == b"ok"
    assert server.connections == 2
    await client.aclose()


async def test_too_large_an_answer_is_refused(client: HttpClient, serve: Serve) -> None:
    server = await serve(lambda *_: b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n" + b"x" * 50)
    with pytest.raises(ProtocolBroken, match="larger than 10 bytes"):
        await client.request("GET", server.url, deadline_s=5, limit_bytes=10)


async def test_a_redirect_is_not_followed(client: HttpClient, serve: Serve) -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://a.invalid/\r\nContent-Length: 0\r\n\r\n"
    server = await serve(lambda *_: moved)
    assert (await client.request("GET", server.url, deadline_s=5)).status == 302


async def test_a_head_request_has_no_body(client: HttpClient, serve: Serve) -> None:
    server = await serve(lambda *_: b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
    assert (await client.request("HEAD", server.url, deadline_s=5)).body == b""


async def test_json_is_decoded(client: HttpClient, serve: Serve) -> None:
    server = await serve(lambda *_: b'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n{"a":[1]')
    with pytest.raises(ProtocolBroken, match="did not answer with JSON"):
        await client.get_json(server.url, deadline_s=5)
    deep = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"[" * 5000
    server = await serve(lambda *_: deep)
    with pytest.raises(ProtocolBroken, match="did not answer with JSON"):
        await client.get_json(server.url, deadline_s=60)
    server = await serve(lambda *_: b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"a":[1]}')
    assert await client.get_json(server.url, deadline_s=5) == {"a": [1]}


async def test_json_of_an_error_answer_is_not_taken_for_the_document(
    client: HttpClient, serve: Serve
) -> None:
    server = await serve(lambda *_: b"HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\n{}")
    with pytest.raises(ProtocolBroken, match="status 500"):
        await client.get_json(server.url, deadline_s=5)


async def test_a_server_without_tls_is_refused_as_broken(client: HttpClient, serve: Serve) -> None:
    server = await serve(lambda *_: OK)

    async def hang_up() -> None:
        await server.connected.wait()
        await server.hang_up()

    async with asyncio.TaskGroup() as group:
        group.create_task(hang_up())
        with pytest.raises((ProtocolBroken, ConnectRefused)):
            await client.request("GET", server.url.replace("http:", "https:"), deadline_s=5)


@pytest.mark.skipif(sys.platform == "win32", reason="uvloop does not exist on Windows")
def test_it_works_on_the_loop_that_the_sidecar_runs_on() -> None:
    import uvloop

    async def ask() -> list[bytes]:
        server = ScriptedServer(lambda *_: OK)
        await server.start()
        client = HttpClient(SlowClock())
        bodies = [(await client.request("GET", server.url, deadline_s=5)).body for _ in range(2)]
        assert server.connections == 1
        await client.aclose()
        await server.stop()
        return bodies

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(ask()) == [b"ok", b"ok"]
