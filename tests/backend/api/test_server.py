"""The server's settings."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import pytest
from fakes.api_world import serving
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from llama_runner_pro.api.server import AbortableProtocol, server_config

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
