"""Numbers of each endpoint that its monitor knows already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.metrics.model import Field, Reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llama_runner_pro.endpoints.ports import MetricTarget
    from llama_runner_pro.metrics.collectors.sensor import Moment
    from llama_runner_pro.metrics.model import FieldKind, Unit, Value

_PARTS: dict[str, tuple[Unit, str, FieldKind]] = {
    "response_ms": ("ms", "Response time", "gauge"),
    "restarts_total": ("total", "Restarts", "counter"),
}


class EndpointStatusSensor:
    """Response time of the last health check, and restarts."""

    name = "endpoint_status"

    def fields(self, targets: Sequence[MetricTarget]) -> Sequence[Field]:
        """Response time and restarts for each endpoint."""
        return [
            Field(f"endpoint/{target.name}/{part}", unit, label, "endpoint", kind)
            for target in targets
            for part, (unit, label, kind) in _PARTS.items()
        ]

    def read(self, moment: Moment) -> Reading:
        """Copy from the views; nothing is measured here."""
        values: dict[str, Value] = {}
        absent: dict[str, str] = {}
        for target in moment.targets:
            view = target.view
            if view is None:
                continue
            values[f"endpoint/{target.name}/restarts_total"] = view.restart_count
            if target.ready:
                values[f"endpoint/{target.name}/response_ms"] = view.response_ms
            else:
                absent[f"endpoint/{target.name}/response_ms"] = "it does not answer"
        return Reading(values, absent)
