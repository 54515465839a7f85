"""A computer as monitoring systems are told of it, with everything in it that can be."""

from __future__ import annotations

from fakes.supervisor import view

from llama_runner_pro.endpoints.states import State
from llama_runner_pro.metrics.model import Field, Snapshot
from llama_runner_pro.metrics.prometheus.families import Told

WALL_MS = 1_700_000_123_456

FIELDS = (
    Field("cpu_usage_pct", "pct", "CPU", "cpu"),
    Field("cpu_core0_usage_pct", "pct", "Core 0", "cpu"),
    Field("cpu_core1_usage_pct", "pct", "Core 1", "cpu"),
    Field("cpu_cores", "count", "CPU cores", "cpu"),
    Field("memory_used_bytes", "bytes", "Memory used", "memory"),
    Field("network_eth0_errors_total", "total", "eth0 errors", "network", "counter"),
    Field("disk_root_usage_pct", "pct", "System disk", "disk"),
    Field("gpu0_temperature_c", "c", "Fast 9000 temperature", "gpu"),
    Field("endpoint/demo/response_ms", "ms", "Response time", "endpoint"),
    Field("endpoint/demo/restarts_total", "total", "Restarts", "endpoint", "counter"),
    Field("endpoint/org/model/restarts_total", "total", "Restarts", "endpoint", "counter"),
)
VALUES = {
    "cpu_usage_pct": 12.5,
    "cpu_core0_usage_pct": 20.0,
    "cpu_core1_usage_pct": 5.0,
    "cpu_cores": 2,
    "memory_used_bytes": 8_589_934_592,
    "network_eth0_errors_total": 3,
    "disk_root_usage_pct": 71.0,
    "gpu0_temperature_c": None,
    "endpoint/demo/response_ms": 3.5,
    "endpoint/demo/restarts_total": 2,
    "endpoint/org/model/restarts_total": 0,
}


def told(
    fields: tuple[Field, ...] = FIELDS,
    values: dict[str, float | int | None] | None = None,
    **more: object,
) -> Told:
    """One moment; `more` replaces members."""
    snapshot = Snapshot(
        seq=1,
        wall_ms=WALL_MS,
        values=VALUES if values is None else values,
        absent={"gpu0_temperature_c": "not supported by this GPU"},
        facts={"gpu0_name": "Fast 9000"},
    )
    known: dict[str, object] = {
        "snapshot": snapshot,
        "fields": fields,
        "views": (view("demo"), view("org/model", State.FAILED)),
        "alerts_active": {"critical": 1, "warning": 0},
        "version": "0.1.0",
        "host": "box",
        "sidecar": "1a2b3c4d",
        **more,
    }
    return Told(**known)  # type: ignore[arg-type]
