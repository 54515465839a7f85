"""Numbers of each endpoint that its monitor knows already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.endpoints.states import State
from llama_runner_pro.metrics.collectors.sensor import TargetFields
from llama_runner_pro.metrics.model import Reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llama_runner_pro.endpoints.ports import MetricTarget
    from llama_runner_pro.metrics.collectors.sensor import Moment, Parts
    from llama_runner_pro.metrics.model import Field, Value

STATE_NUMBERS = {state: number for number, state in enumerate(State)}
"""States as numbers, in the order of `endpoints.states.State`: 0 is disabled, 4 is online."""

_PARTS: Parts = {
    "state": ("count", "State", "state"),
    "response_ms": ("ms", "Response time", "gauge"),
    "restarts_total": ("total", "Restarts", "counter"),
}


class EndpointStatusSensor:
    """State, response time of the last health check, and restarts."""

    name = "endpoint_status"

    def __init__(self) -> None:
        self._fields = TargetFields("endpoint", _PARTS)

    def fields(self, targets: Sequence[MetricTarget]) -> Sequence[Field]:
        """State, response time and restarts for each endpoint."""
        return self._fields.of(targets)

    def read(self, moment: Moment) -> Reading:
        """Copy from the views; nothing is measured here."""
        values: dict[str, Value] = {}
        absent: dict[str, str] = {}
        for target in moment.targets:
            view = target.view
            if view is None:
                continue
            values[f"endpoint/{target.name}/state"] = STATE_NUMBERS[view.state]
            values[f"endpoint/{target.name}/restarts_total"] = view.restart_count
            if target.ready:
                values[f"endpoint/{target.name}/response_ms"] = view.response_ms
            else:
                absent[f"endpoint/{target.name}/response_ms"] = "it does not answer"
        return Reading(values, absent)
