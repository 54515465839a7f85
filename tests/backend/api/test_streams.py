"""The streams through a real server and a real client."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import TYPE_CHECKING, Any

import msgpack
import pytest
from fakes.api_world import serving
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from llama_runner_pro.api.app import streams_of
from llama_runner_pro.api.frames import JSON_PROTOCOL, MSGPACK_PROTOCOL
from llama_runner_pro.api.streams import choose_subprotocol
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.metrics.model import Field

if TYPE_CHECKING:
    from fakes.api_world import World


def viewer(port: int, *subprotocols: str, path: str = "/metrics", **more: Any) -> connect:
    """A client that asks for these subprotocols."""
    return connect(
        f"ws://127.0.0.1:{port}{path}",
        subprotocols=list(subprotocols) or None,  # type: ignore[arg-type]
        compression=None,
        max_size=None,
        **more,
    )


async def next_frame(client: ClientConnection) -> dict[str, Any]:
    """The next frame in either codec."""
    message = await asyncio.wait_for(client.recv(), 60)
    frame: dict[str, Any] = (
        json.loads(message)
        if isinstance(message, str)
        else msgpack.unpackb(message, strict_map_key=False)
    )
    return frame


@pytest.mark.parametrize("subprotocol", [MSGPACK_PROTOCOL, JSON_PROTOCOL])
async def test_a_whole_session_in_each_subprotocol(world: World, subprotocol: str) -> None:
    world.sampler.tick({"cpu_usage_pct": 1.5})
    app = world.app()
    async with serving(app) as port, viewer(port, subprotocol) as client:
        assert client.subprotocol == subprotocol
        assert (await next_frame(client))["type"] == "hello"
        assert (await next_frame(client))["type"] == "snapshot"
        world.sampler.tick({"cpu_usage_pct": 2.5})
        assert (await next_frame(client))["type"] == "tick"
        world.supervisor.move("demo", State.HEALING)
        event = await next_frame(client)
        assert (event["type"], event["event"]["kind"]) == ("event", "endpoint")
        farewell = asyncio.ensure_future(streams_of(app).close())
        bye = await next_frame(client)
        assert bye == {"type": "bye", "code": 1001, "reason": "the sidecar is stopping"}
        with pytest.raises(ConnectionClosed):
            await client.recv()
        assert client.close_code == 1001
        await farewell


async def test_a_plain_client_gets_plain_objects(world: World) -> None:
    world.sampler.tick({"cpu_usage_pct": 1.5})
    async with serving(world.app()) as port, viewer(port) as client:
        assert client.subprotocol is None
        assert (await next_frame(client))["cpuUsage"] == 1.5


async def test_the_first_subprotocol_that_we_speak_is_chosen(world: World) -> None:
    wanted = ("soap", JSON_PROTOCOL, MSGPACK_PROTOCOL)
    async with serving(world.app()) as port, viewer(port, *wanted) as client:
        assert client.subprotocol == JSON_PROTOCOL


@pytest.mark.parametrize(
    ("path", "more", "status", "code"),
    [
        ("/metrics", {"origin": "http://evil.example"}, 403, "foreign_origin"),
        ("/api/logs/stream", {"origin": "http://localhost:1"}, 403, "foreign_origin"),
        ("/metrics", {"subprotocols": ["soap"]}, 400, "unknown_subprotocol"),
        ("/metrics?token=1", {}, 422, "unknown_field"),
        ("/api/logs/stream?source=nope", {}, 404, "unknown_log"),
        ("/api/logs/stream?lines=many", {}, 422, "invalid_value"),
        ("/nowhere", {}, 404, "unknown_route"),
    ],
)
async def test_a_refused_handshake_says_why(
    world: World, path: str, more: dict[str, Any], status: int, code: str
) -> None:
    async with serving(world.app()) as port:
        with pytest.raises(InvalidStatus) as refused:
            await connect(f"ws://127.0.0.1:{port}{path}", **more)
    response = refused.value.response
    assert response.status_code == status
    assert json.loads(response.body or b"")["code"] == code


@pytest.mark.parametrize("message", [b"\xc1", "text", b"x" * 5000])
async def test_a_broken_frame_ends_the_session_with_its_reason(
    world: World, message: bytes | str
) -> None:
    async with (
        serving(world.app()) as port,
        viewer(port, MSGPACK_PROTOCOL) as broken,
        viewer(port, MSGPACK_PROTOCOL) as other,
    ):
        for client in (broken, other):
            await next_frame(client)
            await next_frame(client)
        await broken.send(message)
        bye = await next_frame(broken)
        assert bye["type"] == "bye"
        with pytest.raises(ConnectionClosed):
            await broken.recv()
        assert broken.close_code == bye["code"]
        world.sampler.tick({"cpu_usage_pct": 1.5})
        assert (await next_frame(other))["type"] == "tick"


HANDSHAKE = (
    b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
    b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"Sec-WebSocket-Protocol: llama-runner.v1.msgpack\r\n\r\n"
)


def was_cut_off(client: socket.socket) -> bool:
    """The connection ends although the server does nothing more for it: this holds its loop up."""
    client.settimeout(5)
    try:
        while client.recv(1_000_000):
            continue
    except TimeoutError:
        return False
    except ConnectionResetError:
        return True
    return True


async def test_a_client_that_never_reads_delays_nobody_and_is_cut_off(world: World) -> None:
    names = [f"endpoint/{number}/rss_bytes" for number in range(3000)]
    world.catalogue.declare([Field(name, "bytes", "Memory", "endpoint") for name in names])
    app = world.app()
    async with serving(app) as port:
        with socket.socket() as stuck:
            # A small window, so that it takes few ticks until the server cannot write any more.
            stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            stuck.connect(("127.0.0.1", port))
            stuck.sendall(HANDSHAKE)
            async with viewer(port, MSGPACK_PROTOCOL, max_queue=None) as other:
                await next_frame(other)
                await next_frame(other)
                for number in range(2000):
                    world.sampler.tick(dict.fromkeys(names, number))
                    assert (await next_frame(other))["type"] == "tick"
                    await world.clock.advance(1)
                    if streams_of(app).hub.sessions == 1:
                        break
                assert streams_of(app).hub.sessions == 1
            assert was_cut_off(stuck)


async def test_a_log_is_followed_through_the_server(world: World) -> None:
    path = world.folder / "ai_monitor.log"
    path.write_text("INFO one\n")
    followed = "/api/logs/stream?lines=5"
    async with serving(world.app()) as port, viewer(port, path=followed) as client:
        first = await next_frame(client)
        assert [line["text"] for line in first["lines"]] == ["INFO one"]


def test_no_offer_means_plain_and_a_strange_one_is_refused() -> None:
    assert choose_subprotocol([], [JSON_PROTOCOL]) is None
    assert choose_subprotocol(["x", JSON_PROTOCOL], [JSON_PROTOCOL]) == JSON_PROTOCOL
