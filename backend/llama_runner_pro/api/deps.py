"""What the composition root hands to the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import field

from llama_runner_pro.core.value_object import ValueObject

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from llama_runner_pro.api.auth import Gate
    from llama_runner_pro.api.gateway_ports import Gatewaying
    from llama_runner_pro.api.log_reader import LogReader
    from llama_runner_pro.api.ports import (
        Alerting,
        BundleArchive,
        Configuring,
        FieldCatalogue,
        PastSamples,
        Sampling,
        Supervising,
    )
    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.core.leaving import Leaving
    from llama_runner_pro.metrics.fleet import FleetSource
    from llama_runner_pro.metrics.otlp.push import OtlpStatus
    from llama_runner_pro.metrics.prometheus.families import Told
    from llama_runner_pro.metrics.ranges import PastSeries
    from llama_runner_pro.supervision.discovery.findings import Discovering


class ApiDeps(ValueObject, frozen=True, kw_only=True):
    """Everything the routes and the streams work with."""

    supervisor: Supervising
    sampler: Sampling
    alerts: Alerting
    bundles: BundleArchive
    gateway: Gatewaying
    catalogue: FieldCatalogue
    history: PastSamples
    past: PastSeries
    discovery: Discovering
    config: Configuring
    gate: Gate
    clock: Clock
    leaving: Leaving
    version: str
    instance: str
    """New for every start of the sidecar."""
    logs: LogReader
    static_dir: Path | None
    """Folder of the built dashboard; None when it was not built."""
    told: Callable[[], Told]
    """What monitoring systems are told."""
    fleet: FleetSource
    otlp: Callable[[], OtlpStatus]
    """How pushing to a collector goes."""
    allowed_hosts: frozenset[str] = field(default_factory=frozenset)
    """Host names besides the loopback ones under which we may be called."""
