"""The composition root: the only module that knows every package. Builds, starts, stops."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import random
import secrets
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

import uvicorn

from llama_runner_pro.api.app import create_app, streams_of
from llama_runner_pro.api.deps import ApiDeps
from llama_runner_pro.api.log_reader import LogReader
from llama_runner_pro.api.server import server_config
from llama_runner_pro.config.files import write_atomically
from llama_runner_pro.config.overrides import Overrides, OverridesFile, apply_overrides
from llama_runner_pro.config.redact import redacted
from llama_runner_pro.core.clock import SystemClock
from llama_runner_pro.core.tasks import guarded
from llama_runner_pro.core.topic import Topic
from llama_runner_pro.endpoints.kinds import profile_of
from llama_runner_pro.metrics.catalogue import Catalogue
from llama_runner_pro.metrics.collectors import default_collectors
from llama_runner_pro.metrics.history import RecentHistory
from llama_runner_pro.metrics.sampler import Sampler
from llama_runner_pro.supervision.condition import Policy
from llama_runner_pro.supervision.events import IncidentChanged, SupervisionEvent
from llama_runner_pro.supervision.host import LocalHost
from llama_runner_pro.supervision.monitor import Monitor
from llama_runner_pro.supervision.portrait import Portrait
from llama_runner_pro.supervision.prober import EndpointProber
from llama_runner_pro.supervision.process.command import startable, this_runtime
from llama_runner_pro.supervision.process.state_file import StateFile
from llama_runner_pro.supervision.records import Records
from llama_runner_pro.supervision.recovery_log import RecoveryLog
from llama_runner_pro.supervision.supervisor import Supervisor, Watched
from llama_runner_pro.transport.client import HttpClient

if TYPE_CHECKING:
    import socket
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

    from starlette.applications import Starlette

    from llama_runner_pro.config.model import Config
    from llama_runner_pro.config.paths import DataPaths
    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.endpoints.spec import EndpointSpec

_log = logging.getLogger(__name__)
MODELS_STOP_WITHIN_S = 8.0
"""SIGTERM promises an end within 10 s; the rest is for saying goodbye."""


@dataclass(frozen=True, slots=True)
class Built:
    """Everything that runs, wired up and not yet started."""

    supervisor: Supervisor
    sampler: Sampler
    recovery: RecoveryLog
    records: Records
    http: HttpClient
    api: Starlette
    clock: Clock
    instance: str


def build(config: Config, paths: DataPaths, *, version: str, static_dir: Path | None) -> Built:
    """Wire everything up. Nothing runs yet; blocking only to read small files of ours."""
    clock, instance = SystemClock(), secrets.token_hex(8)
    http = HttpClient(clock)
    records = Records(StateFile(paths.processes_file))
    supervisor, recovery = _supervision(config, paths, clock, http, records)
    catalogue, history = Catalogue(), RecentHistory()
    collectors = default_collectors(
        supervisor.targets, http, paths.root, clock, sessions=lambda: streams_of(api).hub.sessions
    )
    sampler = Sampler(collectors, catalogue, history, clock)
    logs = LogReader(
        monitor=paths.monitor_log,
        recovery=paths.recovery_log,
        endpoint_log=paths.endpoint_log,
        endpoint_names=lambda: [view.name for view in supervisor.views()],
    )
    deps = ApiDeps(
        supervisor=supervisor,
        sampler=sampler,
        catalogue=catalogue,
        history=history,
        clock=clock,
        version=version,
        instance=instance,
        logs=logs,
        static_dir=static_dir,
    )
    api = create_app(deps)
    return Built(supervisor, sampler, recovery, records, http, api, clock, instance)


def _supervision(
    config: Config, paths: DataPaths, clock: Clock, http: HttpClient, records: Records
) -> tuple[Supervisor, RecoveryLog]:
    topic: Topic[SupervisionEvent] = Topic()
    recovery = RecoveryLog(
        paths.recovery_log, clock, lambda incident: topic.publish(IncidentChanged(incident))
    )
    runtime = this_runtime()
    switches = OverridesFile(paths.overrides_file)
    chosen = apply_overrides(config, switches.load())

    def watch(spec: EndpointSpec) -> Watched:
        log_path = paths.endpoint_log(spec.name)
        host = LocalHost(spec, log_path=log_path, records=records, runtime=runtime, clock=clock)
        monitor = Monitor(
            spec,
            _policy(spec, chosen.check_interval),
            host=host,
            prober=EndpointProber(http, spec),
            recovery=recovery,
            clock=clock,
            publish=topic.publish,
            roll=random.random,
            portrait=Portrait(clock),
        )
        return Watched(
            monitor=monitor,
            tend=lambda: _forget_lines(host),
            stops_on_exit=lambda: host.stops_on_exit,
            hurry=host.hurry,
        )

    supervisor = Supervisor(
        {spec.name: watch(spec) for spec in chosen.endpoints},
        recovery=recovery,
        clock=clock,
        topic=topic,
        debug_mode=chosen.debug_mode,
        remember=lambda enabled, debug: switches.save(Overrides(debug_mode=debug, enabled=enabled)),
        document=lambda: redacted(chosen),
    )
    return supervisor, recovery


def _forget_lines(host: LocalHost) -> None:
    host.output.refresh()


def _policy(spec: EndpointSpec, check_interval_s: float) -> Policy:
    profile = profile_of(spec)
    named = spec.model is not None or not profile.inference_needs_model
    return Policy.of(
        spec,
        startable=startable(spec),
        check_interval_s=check_interval_s,
        inference=profile.inference_path is not None and named,
        final_exit_codes=profile.final_exit_codes,
    )


class SidecarServer(uvicorn.Server):
    """uvicorn with our own way to stop: goodbyes first, no signal raised again, no polling."""

    def __init__(self, config: uvicorn.Config, farewell: Callable[[], Awaitable[None]]) -> None:
        super().__init__(config)
        self._farewell = farewell
        self._leave = asyncio.Event()

    def stop(self) -> None:
        """Ask the server to end; asking twice skips the wait for open connections."""
        self.force_exit = self.should_exit
        self.should_exit = True
        self._leave.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the sidecar's business."""
        yield

    async def main_loop(self) -> None:
        """Wait for the end. uvicorn's own loop wakes ten times a second for a date header."""
        await self._leave.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Say goodbye to viewers, then end connections within uvicorn's own deadline."""
        await self._farewell()
        await super().shutdown(sockets)


async def run(
    built: Built, listening: socket.socket, paths: DataPaths, announce: Callable[[str], None]
) -> None:
    """Serve until SIGINT or SIGTERM; ends within 10 s with the models that end with us."""
    host, port = listening.getsockname()[:2]
    server = SidecarServer(server_config(built.api), streams_of(built.api).close)
    _on_signals(server.stop)
    presence = {
        "pid": os.getpid(),
        "host": host,
        "port": port,
        "instance": built.instance,
    }
    write_atomically(paths.presence_file, json.dumps(presence).encode())
    try:
        async with asyncio.TaskGroup() as tasks:
            watching = tasks.create_task(built.supervisor.run())
            sampling = tasks.create_task(guarded("sampler", built.sampler.run, built.clock))
            saving = tasks.create_task(built.records.keep_saved(built.clock))
            writing = tasks.create_task(built.recovery.keep_written())
            announce(f"http://{f'[{host}]' if ':' in host else host}:{port}/")
            await server.serve(sockets=[listening])
            await built.supervisor.shutdown(MODELS_STOP_WITHIN_S)
            for task in (watching, sampling, saving, writing):
                task.cancel()
    finally:
        await built.http.aclose()
        built.recovery.shut()
        paths.presence_file.unlink(missing_ok=True)


def _on_signals(stop: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop)
        except NotImplementedError:
            # Windows: the loop only hears of it when something else wakes it up.
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
