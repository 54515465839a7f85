"""The message for plain WebSocket clients: one JSON object per tick, without any handshake."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llama_runner_pro.endpoints.ports import MetricTarget
    from llama_runner_pro.metrics.model import Snapshot, Value

_MODEL_KEYS = {
    "tokensPerSecond": "model/{}/generation_tokens_per_s",
    "promptTokensPerSecond": "model/{}/prompt_tokens_per_s",
    "slotsBusy": "model/{}/slots_busy",
    "slotsTotal": "model/{}/slots_total",
    "requestsProcessing": "model/{}/requests_processing",
    "requestsDeferred": "model/{}/requests_deferred",
    "tokensGenerated": "model/{}/generated_tokens_total",
    "cpuUsage": "endpoint/{}/cpu_pct",
    "memoryUsed": "endpoint/{}/rss_bytes",
}


def plain_message(snapshot: Snapshot, targets: Sequence[MetricTarget]) -> dict[str, Any]:
    """One tick in the shape that pages without a subprotocol expect.

    Rates are true rates per second. What could not be measured is null, `gpuInfo` then `{}`.
    """
    values = snapshot.values
    return {
        "timestamp": datetime.fromtimestamp(snapshot.wall_ms / 1000, UTC).isoformat(
            timespec="milliseconds"
        ),
        "cpuUsage": values.get("cpu_usage_pct"),
        "cpuCores": values.get("cpu_cores"),
        "loadAverage": values.get("load_1m"),
        "memoryUsage": values.get("memory_usage_pct"),
        "memoryUsed": values.get("memory_used_bytes"),
        "memoryAvailable": values.get("memory_available_bytes"),
        "gpuUsage": values.get("gpu0_utilization_pct"),
        "gpuInfo": _gpu(snapshot),
        "networkStats": {
            "bytesInPerSecond": values.get("network_received_bytes_per_s"),
            "bytesOutPerSecond": values.get("network_sent_bytes_per_s"),
        },
        "modelMetrics": {target.name: _model(target, values) for target in targets},
        "apiStats": {
            "modelsTotal": len(targets),
            "modelsReady": sum(target.ready for target in targets),
            "requestsProcessing": _sum(targets, values, "requests_processing"),
            "requestsDeferred": _sum(targets, values, "requests_deferred"),
        },
    }


def _gpu(snapshot: Snapshot) -> dict[str, Any]:
    name = snapshot.facts.get("gpu0_name")
    if name is None:
        return {}
    values = snapshot.values
    return {
        "id": 0,
        "name": name,
        "usage": values.get("gpu0_utilization_pct"),
        "memoryUsed": values.get("gpu0_memory_used_bytes"),
        "memoryTotal": values.get("gpu0_memory_total_bytes"),
        "temperature": values.get("gpu0_temperature_c"),
    }


def _model(target: MetricTarget, values: Mapping[str, Value]) -> dict[str, Any]:
    view = target.view
    measured = {key: values.get(name.format(target.name)) for key, name in _MODEL_KEYS.items()}
    return {
        "status": None if view is None else str(view.state),
        "responseTime": None if view is None else view.response_ms,
        "restarts": None if view is None else view.restart_count,
        **measured,
    }


def _sum(
    targets: Sequence[MetricTarget], values: Mapping[str, Value], part: str
) -> float | int | None:
    """The sum over all models that tell; None when none does."""
    told = [values.get(f"model/{target.name}/{part}") for target in targets]
    known = [value for value in told if value is not None]
    return sum(known) if known else None
