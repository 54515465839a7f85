"""The composition root: the only module that knows every package. Builds, starts, stops."""

from __future__ import annotations

import asyncio
import json
import os
import platform
import secrets
from functools import partial
from typing import TYPE_CHECKING

from llama_runner_pro.alerts.service import Alerts
from llama_runner_pro.api.app import create_app, streams_of
from llama_runner_pro.api.auth import Gate
from llama_runner_pro.api.deps import ApiDeps
from llama_runner_pro.api.log_reader import LogReader
from llama_runner_pro.api.server import (
    SidecarServer,
    allow_many_connections,
    server_config,
    stop_on_signals,
)
from llama_runner_pro.api.told import Teller
from llama_runner_pro.config.archive import Archive
from llama_runner_pro.config.desk import Desk
from llama_runner_pro.config.files import write_atomically
from llama_runner_pro.config.redact import secrets_of
from llama_runner_pro.config.store import ConfigStore
from llama_runner_pro.config.watch import FileWatch
from llama_runner_pro.core.clock import SystemClock
from llama_runner_pro.core.leaving import Leaving
from llama_runner_pro.core.origin import origin, reached_at
from llama_runner_pro.core.secrets import register_secret
from llama_runner_pro.core.tasks import guarded
from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.metrics.prometheus.own_host import identity_of
from llama_runner_pro.supervision.cut_short import record_cut_starts
from llama_runner_pro.supervision.diagnostics.redaction import known_secrets
from llama_runner_pro.supervision.diagnostics.service import Diagnostics
from llama_runner_pro.supervision.diagnostics.store import BundleStore
from llama_runner_pro.supervision.discovery.shared import SharedScan
from llama_runner_pro.supervision.port_moves import PortMoves
from llama_runner_pro.supervision.process.state_file import StateFile
from llama_runner_pro.supervision.records import Records
from llama_runner_pro.transport.client import HttpClient
from llama_runner_pro.wiring.alarms import tell_alerts
from llama_runner_pro.wiring.beyond import Beyond, build_beyond
from llama_runner_pro.wiring.gateway import Gateway
from llama_runner_pro.wiring.monitoring import Monitoring, build_monitoring
from llama_runner_pro.wiring.servers import found_servers, tell
from llama_runner_pro.wiring.supervision import build_supervision, running_document
from llama_runner_pro.wiring.surroundings import surroundings_of

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path

    from starlette.applications import Starlette

    from llama_runner_pro.config.diff import Diff
    from llama_runner_pro.config.model import Config
    from llama_runner_pro.config.overrides import Choices
    from llama_runner_pro.config.paths import DataPaths
    from llama_runner_pro.config.stored import Check, Stored
    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.supervision.assembly import Assembly
    from llama_runner_pro.supervision.recovery_log import RecoveryLog
    from llama_runner_pro.supervision.supervisor import Supervisor


class Built(ValueObject, frozen=True):
    """Everything that runs, wired up and not yet started."""

    supervisor: Supervisor
    monitoring: Monitoring
    beyond: Beyond
    alerts: Alerts
    gateway: Gateway
    config: ConfigStore
    recovery: RecoveryLog
    records: Records
    http: HttpClient
    api: Starlette
    clock: Clock
    leaving: Leaving
    instance: str


class Given(ValueObject, frozen=True, kw_only=True):
    """What the command line and the files say at the start."""

    stored: Stored
    check: Check
    token: str
    exposed: bool
    """Other machines can reach us: everything needs the token."""
    allowed_hosts: frozenset[str] = frozenset()
    gateway: bool = True
    """False: its ports are left alone this time."""
    launch_token: str | None = None
    keep_models: bool = False
    """Models go on unless somebody who asks for the end says otherwise."""


def build(given: Given, paths: DataPaths, *, version: str, static_dir: Path | None) -> Built:
    """Wire everything up. Nothing runs yet; blocking only to read small files of ours."""
    clock, instance = SystemClock(), secrets.token_hex(8)
    http = HttpClient(clock)
    records = Records(StateFile(paths.processes_file), clock)
    leaving = Leaving(clock, keep_models=given.keep_models)
    gate = Gate(given.token, clock, everything=given.exposed, launch_token=given.launch_token)
    diagnostics = Diagnostics(
        BundleStore(paths.bundles_dir),
        paths=paths,
        clock=clock,
        version=version,
        document=lambda: running_document(store.config, supervisor),
        secrets=lambda: known_secrets(store.config, os.environ, paths.token_file),
    )
    supervisor, assembly, choices, recovery = build_supervision(
        given.stored.config,
        paths,
        clock,
        http,
        records,
        diagnostics,
        lambda name, changes: store.amend(name, changes),
    )
    around = surroundings_of(
        paths,
        clock,
        http,
        supervisor,
        latest=lambda: monitoring.sampler.latest,
        sample=lambda: monitoring.sampler.sample(),
        store=lambda: store,
        version=version,
    )
    gateway = Gateway(given.stored.config, around, clock, shut=not given.gateway)
    supervisor.topic.listen(lambda news: tell(gateway.admit, news))
    monitoring = build_monitoring(
        given.stored.config,
        paths,
        clock,
        http,
        supervisor,
        sessions=lambda: streams_of(api).hub.sessions,
        dropped_frames=lambda: streams_of(api).hub.dropped_frames,
        further=(gateway.collector(),),
        breakers=gateway.admit.breakers.topic,
    )
    sampler = monitoring.sampler
    alerts = Alerts(given.stored.config, paths.outbox_file, clock)
    supervisor.topic.listen(lambda news: tell_alerts(alerts, news))
    sampler.topic.listen(lambda snapshot: alerts.sampled(snapshot.values))
    own = identity_of(platform.node(), paths.root)
    told = Teller(
        sampler=sampler,
        catalogue=monitoring.catalogue,
        supervisor=supervisor,
        alerts=alerts,
        version=version,
        hostname=own.hostname,
        sidecar=own.sidecar,
    )
    beyond = build_beyond(given.stored.config, clock, http, told, own)
    store = ConfigStore(
        given.stored,
        desk=Desk(paths.config_file, Archive(paths.backups_dir), clock),
        check=given.check,
        apply=partial(_apply, supervisor, assembly, choices, monitoring, beyond, alerts, gateway),
        key=given.token.encode(),
    )
    logs = LogReader(
        monitor=paths.monitor_log,
        recovery=paths.recovery_log,
        endpoint_log=paths.endpoint_log,
        endpoint_names=lambda: [view.name for view in supervisor.views()],
    )
    deps = ApiDeps(
        supervisor=supervisor,
        sampler=sampler,
        alerts=alerts,
        bundles=diagnostics.store,
        gateway=gateway,
        catalogue=monitoring.catalogue,
        history=monitoring.recent,
        past=monitoring.past,
        discovery=SharedScan(partial(found_servers, clock, supervisor)),
        config=store,
        gate=gate,
        clock=clock,
        leaving=leaving,
        version=version,
        instance=instance,
        logs=logs,
        static_dir=static_dir,
        told=told,
        fleet=beyond.fleet,
        otlp=lambda: beyond.push.status,
        allowed_hosts=given.allowed_hosts,
    )
    api = create_app(deps)
    return Built(
        supervisor=supervisor,
        monitoring=monitoring,
        beyond=beyond,
        alerts=alerts,
        gateway=gateway,
        config=store,
        recovery=recovery,
        records=records,
        http=http,
        api=api,
        clock=clock,
        leaving=leaving,
        instance=instance,
    )


async def _apply(
    supervisor: Supervisor,
    assembly: Assembly,
    choices: Choices,
    monitoring: Monitoring,
    beyond: Beyond,
    alerts: Alerts,
    gateway: Gateway,
    config: Config,
    changes: Diff,
) -> None:
    """Make a configuration the running one, in a fixed order. Raises ApplyFailed.

    Collectors and viewers follow the endpoints by themselves.
    """
    for secret in secrets_of(config):
        register_secret(secret)
    assembly.adjust(config.check_interval, len(config.endpoints))
    choices.config = config
    await supervisor.reshape(config.endpoints, changes.switched)
    if "debug_mode" in changes.settings:
        await supervisor.set_debug(config.debug_mode)
    await gateway.configure(config)
    monitoring.apply(config)
    beyond.apply(config)
    alerts.configure(config)


async def run(
    built: Built,
    listening: socket.socket,
    paths: DataPaths,
    announce: Callable[[str], None],
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Serve until SIGINT, SIGTERM or `built.leaving`; the models that end with us do.

    `announce` hears our address, `ready` that requests are answered.
    """
    host, port = listening.getsockname()[:2]
    server = SidecarServer(server_config(built.api), streams_of(built.api).close, ready)
    built.leaving.listen(server.stop)
    stop_on_signals(built.leaving.ask)
    allow_many_connections()
    presence = {"pid": os.getpid(), "host": host, "port": port, "instance": built.instance}
    write_atomically(paths.presence_file, json.dumps(presence).encode(), lasting=False)
    try:
        await record_cut_starts(built.records, built.clock)
        async with asyncio.TaskGroup() as tasks:
            watching = tasks.create_task(built.supervisor.run())
            watch = FileWatch(lambda: built.config.watched_path, built.config.reload, built.clock)
            editing = tasks.create_task(guarded("config watch", watch.run, built.clock))
            sampler = built.monitoring.sampler
            sampling = tasks.create_task(guarded("sampler", sampler.run, built.clock))
            keeping = tasks.create_task(guarded("history", built.monitoring.record, built.clock))
            pushing = tasks.create_task(guarded("otlp", built.beyond.push.run, built.clock))
            alerting = tasks.create_task(guarded("alerts", built.alerts.run, built.clock))
            serving = tasks.create_task(built.gateway.run())
            moves = PortMoves(built.supervisor)
            moving = tasks.create_task(guarded("port moves", moves.run, built.clock))
            saving = tasks.create_task(built.records.keep_saved())
            writing = tasks.create_task(built.recovery.keep_written())
            announce(f"{origin(reached_at(host), port)}/")
            await server.serve(sockets=[listening])
            await built.gateway.close()
            serving.cancel()
            # Endpoints that end with us are no news.
            alerting.cancel()
            moving.cancel()
            editing.cancel()
            leaving = built.leaving
            await built.supervisor.shutdown(leaving.models_within_s(), keep=leaving.keep_models)
            for task in (watching, sampling, keeping, pushing, saving, writing):
                task.cancel()
    finally:
        await built.http.aclose()
        built.recovery.shut()
        paths.presence_file.unlink(missing_ok=True)
