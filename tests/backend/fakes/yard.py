"""Hosts of real processes on this machine, all gone at the end of a test."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from typing import TYPE_CHECKING

import psutil
from fakes.children import FAKE_SERVER, until

from llama_runner_pro.core.clock import SystemClock
from llama_runner_pro.endpoints.spec import EndpointSpec
from llama_runner_pro.supervision.host import LocalHost
from llama_runner_pro.supervision.process import ports
from llama_runner_pro.supervision.process.command import Runtime
from llama_runner_pro.supervision.process.identity import NONCE_VARIABLE
from llama_runner_pro.supervision.process.lineage import carriers
from llama_runner_pro.supervision.process.state_file import StateFile
from llama_runner_pro.supervision.records import Records
from tests.tools.loopback import free_port

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.supervision.effects import StepReport
    from llama_runner_pro.supervision.events import Exited


def taken(port: int) -> bool:
    """Somebody listens there."""
    return not ports.is_free("127.0.0.1", port)


def gone(pid: int) -> bool:
    """The process is no more; one that only waits to be collected counts as gone."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


class Yard:
    """Makes hosts in one folder, as one sidecar after another would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.debug = False
        self.clock: Clock = SystemClock()
        self.records = self._read_records()
        self._nonces: set[str] = set()
        self._ends: dict[LocalHost, asyncio.Task[Exited]] = {}

    def _read_records(self) -> Records:
        return Records(StateFile(self.folder / "processes.json"), SystemClock())

    def sidecar_restarts(self) -> None:
        """From now on hosts know only what is on disk."""
        self.records = self._read_records()

    def host(self, *start_command: str, name: str = "demo", **spec: object) -> LocalHost:
        """The host of an endpoint with this command; its process gets 1 s to end by itself."""
        return LocalHost(
            EndpointSpec(name=name, start_command=start_command, **spec),  # type: ignore[arg-type]
            log_path=self.folder / f"{name}.log",
            records=self.records,
            runtime=Runtime(sys.executable, False, dict(os.environ), str(self.folder)),
            clock=self.clock,
            debug=lambda: self.debug,
        )

    def server(self, *flags: str, port: int | None = None, **spec: object) -> LocalHost:
        """The host of a fake model server."""
        program = (sys.executable, str(FAKE_SERVER), "--port", "${PORT}")
        return self.host(*program, *flags, port=port or free_port(), **spec)

    def python(self, code: str, **spec: object) -> LocalHost:
        """The host of a piece of Python."""
        return self.host(sys.executable, "-uc", code, **spec)

    async def start(
        self,
        host: LocalHost,
        incarnation: int = 1,
        report: Callable[[StepReport], None] = lambda _: None,
        restarts: int = 0,
    ) -> int:
        """Start it; it is cleaned away in the end, whatever the test does."""
        pid = await host.start(incarnation, report, restarts=restarts)
        self._ends[host] = asyncio.create_task(host.wait())
        with contextlib.suppress(psutil.Error, KeyError):
            self._nonces.add(psutil.Process(pid).environ()[NONCE_VARIABLE])
        return pid

    async def end(self, host: LocalHost) -> Exited:
        """How its process ended, once it has."""
        return await self._ends[host]

    async def serve(self, host: LocalHost, incarnation: int = 1) -> int:
        """Start a fake model server and wait until it says that it listens."""
        log = host.output.path
        before = log.stat().st_size if log.exists() else 0
        pid = await self.start(host, incarnation)
        await until(lambda: b"listening" in log.read_bytes()[before:])
        return pid

    async def clean(self) -> None:
        """Kill whatever is left of what was started here."""
        for host, end in self._ends.items():
            if not end.done() and host.pid is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(host.pid, signal.SIGKILL)
        for identity in (found for nonce in self._nonces for found in carriers(nonce)):
            with contextlib.suppress(OSError):
                os.kill(identity.pid, signal.SIGKILL)
        await asyncio.gather(*self._ends.values())
