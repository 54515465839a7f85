"""Our metrics in OTLP's words, written by the OpenTelemetry SDK.

Protocol: opentelemetry.io, "OTLP 1.x"; units: UCUM. The SDK is imported here and only here, with
the first push. Everything here blocks and belongs into a thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llama_runner_pro.core.errors import LlamaRunnerError
from llama_runner_pro.metrics.prometheus.families import families

if TYPE_CHECKING:
    from llama_runner_pro.metrics.prometheus.families import Family, Told

SERVICE = "llama-runner-pro"
NOT_INSTALLED = (
    "OpenTelemetry is not installed, which pushing needs: pip install 'llama-runner-pro[otlp]'"
)
_UNITS = {
    "percent": "%",
    "bytes": "By",
    "bytes_per_second": "By/s",
    "seconds": "s",
    "celsius": "Cel",
    "watts": "W",
    "hertz": "Hz",
    "ratio": "1",
}


class OtlpMissing(LlamaRunnerError):
    """The extra is not installed."""

    def __str__(self) -> str:
        """How to install it."""
        return NOT_INSTALLED


def encoded(told: Told, *, started_ms: int, now_ms: int) -> tuple[bytes, int]:
    """An ExportMetricsServiceRequest and the number of its data points.

    Running totals are cumulative since `started_ms`, so that a push that got lost loses nothing.
    Raises OtlpMissing.
    """
    try:
        from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
        from opentelemetry.sdk.metrics import export as sdk
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.util.instrumentation import InstrumentationScope
    except ImportError as error:
        raise OtlpMissing from error
    times_ns = (started_ms * 1_000_000, now_ms * 1_000_000)
    found = families(told)
    scope = sdk.ScopeMetrics(
        scope=InstrumentationScope(SERVICE, told.version),
        metrics=[_metric(sdk, family, times_ns) for family in found],
        schema_url="",
    )
    resource = Resource(
        {
            "service.name": SERVICE,
            "service.version": told.version,
            "service.instance.id": f"{told.host}/{told.sidecar}",
            "host.name": told.host,
        }
    )
    whole = sdk.MetricsData(
        resource_metrics=[
            sdk.ResourceMetrics(resource=resource, scope_metrics=[scope], schema_url="")
        ]
    )
    body: bytes = encode_metrics(whole).SerializeToString()
    return body, sum(len(family.series) for family in found)


def _metric(sdk: Any, family: Family, times_ns: tuple[int, int]) -> Any:
    started_ns, now_ns = times_ns
    is_total = family.kind == "counter"
    points = [
        sdk.NumberDataPoint(
            attributes=dict(series.labels),
            # What is no running total has no beginning.
            start_time_unix_nano=started_ns if is_total else 0,
            time_unix_nano=now_ns,
            value=series.value,
        )
        for series in family.series
    ]
    content = (
        sdk.Sum(
            data_points=points,
            aggregation_temporality=sdk.AggregationTemporality.CUMULATIVE,
            is_monotonic=True,
        )
        if is_total
        else sdk.Gauge(data_points=points)
    )
    return sdk.Metric(
        name=family.name,
        description=family.help,
        unit=_UNITS.get(family.unit, ""),
        data=content,
    )
