"""The command line against a sidecar of fakes on a real port."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from fakes.api_world import World, serving

from llama_runner_pro.api.app import streams_of
from llama_runner_pro.cli.main import main

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from starlette.applications import Starlette


@dataclass
class Shell:
    """Runs commands and keeps what they print."""

    world: World
    port: int
    capture: pytest.CaptureFixture[str]
    app: Starlette

    async def close_streams(self) -> None:
        """Say goodbye to followers, as a sidecar that stops."""
        await streams_of(self.app).close()

    async def run(self, *words: str) -> tuple[int, str, str]:
        """Exit code, standard output and standard error of one command."""
        url = f"http://127.0.0.1:{self.port}"
        code = await asyncio.to_thread(main, [*words, "--url", url])
        printed = self.capture.readouterr()
        return code, printed.out, printed.err


@pytest.fixture
async def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> AsyncIterator[Shell]:
    world = World(tmp_path)
    app = world.app()
    async with serving(app) as port:
        yield Shell(world, port, capsys, app)
