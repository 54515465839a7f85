"""One bundle per incident, made before anything is killed."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import msgspec
import psutil

from llama_runner_pro.supervision.diagnostics import processes, surroundings
from llama_runner_pro.supervision.diagnostics.bundle import Member, pack
from llama_runner_pro.supervision.diagnostics.collect import Section, collect
from llama_runner_pro.supervision.diagnostics.gpu_processes import (
    gpu_processes,
    in_words,
    left_behind,
    listed,
)
from llama_runner_pro.supervision.diagnostics.redaction import Redactor
from llama_runner_pro.supervision.diagnostics.store import incident_bundle_name
from llama_runner_pro.supervision.process.lineage import carriers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from llama_runner_pro.config.paths import DataPaths
    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.endpoints.ports import Incident
    from llama_runner_pro.supervision.diagnostics.store import BundleStore

_log = logging.getLogger(__name__)


class Diagnostics:
    """Gathers what can be known about a fault and keeps it as one archive."""

    def __init__(
        self,
        store: BundleStore,
        *,
        paths: DataPaths,
        clock: Clock,
        version: str,
        document: Callable[[], dict[str, object]],
        secrets: Callable[[], Iterable[str]],
    ) -> None:
        """`document` is the configuration without secrets, `secrets` what no text may show."""
        self.store, self.document = store, document
        self._paths, self._clock, self._version = paths, clock, version
        self._secrets = secrets

    async def record(self, incident: Incident, pid: int | None, nonce: str) -> str | None:
        """Make the bundle of `incident`; returns its name, or None when it could not be kept.

        Takes at most 2 s for collecting, whatever hangs; never raises for what it cannot read.
        """
        log = self._paths.endpoint_log(incident.endpoint)
        sections = [
            *process_sections(pid, nonce),
            Section("endpoint.log", lambda: surroundings.tail_text(log)),
            Section("gpu_processes.txt", lambda: _on_graphics_cards(incident.endpoint, pid)),
            *own_sections(self._paths, self._version),
        ]
        members = [
            Member("incident.json", _json(incident)),
            Member("config.json", _json(self.document())),
            *await collect(sections, self._clock),
        ]
        name = incident_bundle_name(incident.id)
        try:
            await asyncio.to_thread(self._keep, name, members)
        except OSError as error:
            _log.warning("%s: no diagnostics bundle: %s", incident.endpoint, error)
            return None
        _log.info("%s: diagnostics bundle %s", incident.endpoint, name)
        return name

    def _keep(self, name: str, members: list[Member]) -> None:
        redactor = Redactor(self._secrets())
        folder = name.removesuffix(".tar.gz")
        now_s = self._clock.wall_ms() / 1000
        self.store.save(name, pack(members, redactor, folder=folder, now_s=now_s))


def process_sections(pid: int | None, nonce: str = "") -> list[Section]:
    """About one process, its descendants, and what else was started under its nonce."""

    def roots() -> list[int]:
        named = [] if pid is None else [pid]
        return [*named, *(one.pid for one in carriers(nonce))]

    return [
        Section("processes/tree.txt", lambda: processes.tree_text(roots())),
        Section("processes/kernel.txt", lambda: processes.details_text(roots())),
        Section("processes/open.txt", lambda: processes.open_text(roots())),
    ]


def own_sections(paths: DataPaths, version: str) -> list[Section]:
    """About the machine and the sidecar."""

    def tail(path: Path) -> Callable[[], str]:
        return lambda: surroundings.tail_text(path)

    return [
        Section("ai_monitor.log", tail(paths.monitor_log)),
        Section("ai_recovery.log", tail(paths.recovery_log)),
        Section("gpu.txt", surroundings.nvidia_smi_text),
        Section("machine.txt", lambda: surroundings.machine_text(paths.root)),
        Section("versions.txt", lambda: surroundings.versions_text(version)),
    ]


def _on_graphics_cards(endpoint: str, pid: int | None) -> str:
    """Who computes on a card; names the endpoint's own process in the log if it is dead."""
    seen = gpu_processes()
    for one in left_behind(seen, {pid}, psutil.pid_exists):
        _log.warning("%s: its process is gone, but %s", endpoint, in_words(one))
    return listed(seen)


def _json(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value)).decode()
