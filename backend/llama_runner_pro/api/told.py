"""What monitoring systems are told of this computer, by scrapes and pushes alike."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, get_args

from llama_runner_pro.config.alerts import Severity
from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.metrics.prometheus.families import Told

if TYPE_CHECKING:
    from llama_runner_pro.api.ports import Alerting, FieldCatalogue, Sampling, Supervising


class Teller(ValueObject, frozen=True, kw_only=True):
    """Gathers the present moment. Call it on the event loop's thread; what it gives is frozen."""

    sampler: Sampling
    catalogue: FieldCatalogue
    supervisor: Supervising
    alerts: Alerting
    version: str
    hostname: str
    sidecar: str = ""
    """Tells sidecars on one computer apart."""

    def __call__(self) -> Told:
        """Everything that is known now."""
        active = Counter(alert.severity for alert in self.alerts.active())
        return Told(
            snapshot=self.sampler.latest,
            fields=[field for _, field in self.catalogue.fields()],
            views=tuple(self.supervisor.views()),
            alerts_active={severity: active[severity] for severity in get_args(Severity)},
            version=self.version,
            host=self.hostname,
            sidecar=self.sidecar,
        )
