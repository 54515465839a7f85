"""The server's settings."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from fakes.api_world import serving
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from llama_runner_pro.api.server import AbortableProtocol, PatientProtocol, server_config

if TYPE_CHECKING:
    from fakes.api_world import World


def test_settings_can_be_added_to_but_the_streams_stay_ours(world: World) -> None:
    config = server_config(world.app(), host="127.0.0.1", port=0)
    assert config.ws is AbortableProtocol
    assert not config.ws_per_message_deflate
    assert not config.access_log
    assert (config.host, config.port) == ("127.0.0.1", 0)


async def test_answers_do_not_tell_which_server_gives_them(world: World) -> None:
    async with serving(world.app()) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /api/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = (await reader.read()).lower()
        writer.close()
    assert answer.startswith(b"http/1.1 200")
    assert b"\r\nserver:" not in answer


async def test_a_refused_handshake_is_no_error_in_our_log(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        async with serving(world.app()) as port:
            with pytest.raises(InvalidStatus):
                await connect(f"ws://127.0.0.1:{port}/metrics", origin="http://evil.example")
    assert caplog.records == []


class Hasty(PatientProtocol):
    """Does not wait for long."""

    head_within_s = 1.0


async def test_a_head_that_does_not_come_in_time_ends_the_connection(world: World) -> None:
    async with serving(world.app(), http=Hasty) as port:
        for said in (b"", b"GET /metrics HTTP/1.1\r\nUpgrade: webso"):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(said)
            with contextlib.suppress(ConnectionResetError):
                assert await asyncio.wait_for(reader.read(), 60) == b""
            writer.close()
        async with connect(f"ws://127.0.0.1:{port}/metrics") as viewer:
            await asyncio.sleep(1.5)
            world.sampler.tick({"cpu_usage_pct": 1.5})
            assert await asyncio.wait_for(viewer.recv(), 60)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such limit")
def test_a_thousand_viewers_have_room_among_the_open_files() -> None:
    program = (
        "import resource as r; hard = r.getrlimit(r.RLIMIT_NOFILE)[1];"
        "r.setrlimit(r.RLIMIT_NOFILE, (256, hard));"
        "from llama_runner_pro.api.server import allow_many_connections as allow;"
        "print(allow() == r.getrlimit(r.RLIMIT_NOFILE)[0] == min(16384, hard) > 1100)"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.stdout.strip() == "True", run.stderr
