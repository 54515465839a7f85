"""Which computers are known: this one alone, or all that a store holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.metrics.fleet import Fleet, judged, own_facts

if TYPE_CHECKING:
    from collections.abc import Callable

    from llama_runner_pro.config.monitoring import HistorySpec, PrometheusSpec
    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.metrics.fleet import FleetSource
    from llama_runner_pro.metrics.prometheus.families import Told

    Connect = Callable[[PrometheusSpec], FleetSource]


class OwnFleet:
    """Satisfies `FleetSource` for a computer by itself."""

    def __init__(self, told: Callable[[], Told], clock: Clock) -> None:
        self._told, self._clock = told, clock

    async def hosts(self) -> Fleet:
        """This computer alone."""
        now = self._told()
        alone = judged(own_facts(now, now.host), self._clock.wall_ms())
        return Fleet(backend="embedded", this_host=now.host, hosts=[alone])


class Fleets:
    """Satisfies `FleetSource`. Which source it is follows the configuration."""

    def __init__(self, spec: HistorySpec, own: FleetSource, connect: Connect) -> None:
        self._own, self._connect = own, connect
        self._wide: FleetSource | None = None
        self.configure(spec)

    def configure(self, spec: HistorySpec) -> None:
        """Take on another configuration."""
        self._wide = self._connect(spec.prometheus) if spec.backend == "prometheus" else None

    async def hosts(self) -> Fleet:
        """All computers that are known; raises nothing."""
        return await (self._wide or self._own).hosts()
