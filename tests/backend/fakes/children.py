"""Real processes for tests, started the way the product starts them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from llama_runner_pro.supervision.process.command import Command
from llama_runner_pro.supervision.process.identity import NONCE_VARIABLE
from llama_runner_pro.supervision.process.lineage import carriers
from llama_runner_pro.supervision.process.spawn import SpawnedProcess, spawn

if TYPE_CHECKING:
    from collections.abc import Callable

FAKE_SERVER = Path(__file__).parents[2] / "tools" / "fake_model_server.py"
PATIENCE_S = 120.0
NONCE = f"tests-of-{os.getpid()}"


async def until(condition: Callable[[], object]) -> None:
    """Wait for something that another process does."""
    end_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end_s, "it did not happen in time"
        await asyncio.sleep(0.01)


class Launcher:
    """Starts children the way the product does."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started: list[SpawnedProcess] = []

    async def run(self, *argv: str, nonce: str = NONCE) -> SpawnedProcess:
        """Start a program; its output goes to a log file of its own."""
        env = dict(os.environ) | {NONCE_VARIABLE: nonce, "PYTHONUNBUFFERED": "1"}
        log_path = self._folder / f"child-{len(self._started)}.log"
        process = await spawn(Command(argv=argv, env=env), log_path)
        self._started.append(process)
        return process

    async def python(self, code: str, *args: str) -> SpawnedProcess:
        """Start Python code that prints `ready` once it is."""
        process = await self.run(sys.executable, "-c", code, *args)
        await until(lambda: "ready" in process.log_path.read_text() or process.popen.poll())
        return process

    async def fake_server(self, *flags: str) -> tuple[SpawnedProcess, int]:
        """Start the fake model server; returns it with the port that it listens on."""
        process = await self.run(sys.executable, str(FAKE_SERVER), "--port", "0", *flags)
        pattern = re.compile(r"listening \S+:(\d+) ")
        await until(lambda: pattern.search(process.log_path.read_text()))
        found = pattern.search(process.log_path.read_text())
        assert found is not None
        return process, int(found[1])

    def clean(self) -> None:
        """Kill and collect whatever a test has left behind."""
        for process in self._started:
            if process.popen.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.popen.wait()
        for identity in carriers(NONCE):
            with contextlib.suppress(OSError):
                os.kill(identity.pid, signal.SIGKILL)
