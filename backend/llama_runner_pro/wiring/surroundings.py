"""What the gateway needs of the rest of the sidecar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.wiring.memory import MemoryFile, SampledMemory, ShelfFile
from llama_runner_pro.wiring.occupant import Occupants
from llama_runner_pro.wiring.servers import SupervisedServers

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from llama_runner_pro.config.paths import DataPaths
    from llama_runner_pro.config.store import ConfigStore
    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.gateway.doors import Occupant
    from llama_runner_pro.gateway.house import MemoryGauge
    from llama_runner_pro.gateway.lists import Http
    from llama_runner_pro.gateway.ports import Servers
    from llama_runner_pro.metrics.model import Snapshot
    from llama_runner_pro.supervision.supervisor import Supervisor
    from llama_runner_pro.transport.client import HttpClient


class Surroundings(ValueObject, frozen=True, kw_only=True):
    """What the gateway needs of the rest of the sidecar."""

    servers: Servers
    gauge: MemoryGauge
    occupant: Callable[[int], Awaitable[Occupant | None]]
    """Who listens on a port."""
    amend: Callable[[dict[str, Any]], Awaitable[object]]
    """Changes keys of the configuration's `gateway`."""
    add_endpoint: Callable[[dict[str, Any]], Awaitable[object]]
    version: str
    spool_folder: Path
    """For large requests; emptied as they end."""
    memory: MemoryFile
    """What was learned of models."""
    shelf: ShelfFile
    """Which models servers had."""
    http: Http
    """Asks servers for their models."""


def surroundings_of(
    paths: DataPaths,
    clock: Clock,
    http: HttpClient,
    supervisor: Supervisor,
    *,
    latest: Callable[[], Snapshot | None],
    sample: Callable[[], Awaitable[None]],
    store: Callable[[], ConfigStore],
    version: str,
) -> Surroundings:
    """All of it. `latest` is the newest sample, `sample` takes another; all are called later."""
    return Surroundings(
        servers=SupervisedServers(supervisor, clock),
        gauge=SampledMemory(latest, sample=sample, clock=clock),
        occupant=Occupants(http, clock).at,
        amend=lambda changes: store().amend_section("gateway", changes),
        add_endpoint=lambda entry: store().add(entry, None),
        version=version,
        spool_folder=paths.spool_dir,
        memory=MemoryFile(paths.learned_file),
        shelf=ShelfFile(paths.models_file),
        http=http,
    )
