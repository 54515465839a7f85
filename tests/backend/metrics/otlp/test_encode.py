"""Our metrics as OTLP, decoded again by the protocol's own definitions."""

from __future__ import annotations

import subprocess
import sys

import pytest
from fakes.otlp_receiver import metrics_of, points_of, resource_of
from fakes.told import told
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.metrics.v1.metrics_pb2 import AGGREGATION_TEMPORALITY_CUMULATIVE

from llama_runner_pro.metrics.otlp.encode import NOT_INSTALLED, OtlpMissing, encoded
from llama_runner_pro.metrics.prometheus.families import families

STARTED_MS, NOW_MS = 1_700_000_000_000, 1_700_000_060_000


def decoded(**more: object) -> ExportMetricsServiceRequest:
    """What a collector understands."""
    push = ExportMetricsServiceRequest()
    body, _ = encoded(told(**more), started_ms=STARTED_MS, now_ms=NOW_MS)  # type: ignore[arg-type]
    push.ParseFromString(body)
    return push


def test_the_sender_is_told_by_service_and_host() -> None:
    assert resource_of(decoded()) == {
        "service.name": "llama-runner-pro",
        "service.version": "0.1.0",
        "service.instance.id": "box/1a2b3c4d",
        "host.name": "box",
    }


def test_a_push_holds_the_same_series_as_a_scrape() -> None:
    found = metrics_of(decoded())
    expected = {
        family.name: {
            tuple(sorted(series.labels.items())): pytest.approx(series.value)
            for series in family.series
        }
        for family in families(told())
    }
    assert {name: points_of(metric) for name, metric in found.items()} == expected


def test_running_totals_are_cumulative_since_the_start() -> None:
    restarts = metrics_of(decoded())["llama_runner_endpoint_restarts_total"]
    assert restarts.sum.is_monotonic
    assert restarts.sum.aggregation_temporality == AGGREGATION_TEMPORALITY_CUMULATIVE
    point = restarts.sum.data_points[0]
    assert point.start_time_unix_nano == STARTED_MS * 1_000_000
    assert point.time_unix_nano == NOW_MS * 1_000_000


def test_everything_else_is_a_gauge_with_its_unit() -> None:
    found = metrics_of(decoded())
    assert found["llama_runner_cpu_usage_percent"].HasField("gauge")
    units = {name: metric.unit for name, metric in found.items()}
    assert units["llama_runner_cpu_usage_percent"] == "%"
    assert units["llama_runner_memory_used_bytes"] == "By"
    assert units["llama_runner_endpoint_response_duration_seconds"] == "s"
    assert units["llama_runner_endpoint_state"] == ""


def test_the_points_are_counted() -> None:
    _, count = encoded(told(), started_ms=STARTED_MS, now_ms=NOW_MS)
    assert count == sum(len(family.series) for family in families(told()))


def test_without_the_extra_it_says_how_to_install_it() -> None:
    # A fresh interpreter in which the package cannot be found, as where it is not installed.
    script = (
        "import sys; sys.modules['opentelemetry'] = None\n"
        "sys.path.insert(0, 'tests/backend')\n"
        "from fakes.told import told\n"
        "from llama_runner_pro.metrics.otlp.encode import OtlpMissing, encoded\n"
        "try:\n"
        "    encoded(told(), started_ms=0, now_ms=1)\n"
        "except OtlpMissing as error:\n"
        "    print(error)\n"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert run.stdout.strip() == NOT_INSTALLED, run.stderr
    assert issubclass(OtlpMissing, Exception)


def test_the_sdk_is_not_imported_before_it_is_needed() -> None:
    script = (
        "import sys, llama_runner_pro.app, llama_runner_pro.metrics.otlp.push\n"
        "print(sorted(m for m in sys.modules if m.startswith(('opentelemetry', 'prometheus_c'))))\n"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert run.stdout.strip() == "[]", run.stderr
