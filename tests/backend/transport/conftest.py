from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.wire import ScriptedServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Serve = Callable[[Callable[[int, int], bytes | None]], Awaitable[ScriptedServer]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Starts servers that play a script, and stops them after the test."""
    servers: list[ScriptedServer] = []

    async def start(script: Callable[[int, int], bytes | None]) -> ScriptedServer:
        server = ScriptedServer(script)
        await server.start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        await server.stop()
