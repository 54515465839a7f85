"""Builds what reaches past this computer: the others, and pushing to a collector."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.metrics.fleets import Fleets, OwnFleet
from llama_runner_pro.metrics.otlp.push import OtlpPush
from llama_runner_pro.metrics.prometheus.fleet import PrometheusFleet
from llama_runner_pro.metrics.prometheus.own_host import OwnHost
from llama_runner_pro.metrics.prometheus.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

    from llama_runner_pro.config.model import Config
    from llama_runner_pro.config.monitoring import PrometheusSpec
    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.metrics.prometheus.families import Told
    from llama_runner_pro.metrics.prometheus.own_host import Identity
    from llama_runner_pro.transport.client import HttpClient


class Beyond(ValueObject, frozen=True):
    """Nothing runs yet; `push.run` is a task of the sidecar."""

    fleet: Fleets
    push: OtlpPush

    def apply(self, config: Config) -> None:
        """Take on another configuration, at once."""
        self.fleet.configure(config.history)
        self.push.configure(config.otlp)


def build_beyond(
    config: Config, clock: Clock, http: HttpClient, told: Callable[[], Told], own: Identity
) -> Beyond:
    """Wire up; neither store nor collector is asked before there is need."""

    def everywhere(spec: PrometheusSpec) -> PrometheusFleet:
        store = Store(http, spec)
        return PrometheusFleet(store, OwnHost(store, own, clock), clock, told)

    fleet = Fleets(config.history, OwnFleet(told, clock), everywhere)
    return Beyond(fleet, OtlpPush(config.otlp, http, clock, told))
