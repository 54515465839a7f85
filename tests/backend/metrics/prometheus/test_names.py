"""Fields and metrics lead to each other."""

from __future__ import annotations

import re

import pytest

from llama_runner_pro.metrics.prometheus.names import (
    LABELS,
    NotAMetric,
    field_of,
    metric_of,
    unit_of,
)

PAIRS = [
    ("cpu_usage_pct", "cpu_usage_percent", {}, "percent", 1),
    ("cpu_cores", "cpu_cores", {}, "", 1),
    ("load_1m", "load_1m", {}, "", 1),
    ("cpu_frequency_hz", "cpu_frequency_hertz", {}, "hertz", 1),
    ("cpu_core3_usage_pct", "cpu_core_usage_percent", {"core": "3"}, "percent", 1),
    ("memory_used_bytes", "memory_used_bytes", {}, "bytes", 1),
    (
        "network_received_bytes_per_s",
        "network_received_bytes_per_second",
        {},
        "bytes_per_second",
        1,
    ),
    ("network_errors_total", "network_errors_total", {}, "", 1),
    (
        "network_eth0_2_sent_bytes_per_s",
        "network_device_sent_bytes_per_second",
        {"device": "eth0_2"},
        "bytes_per_second",
        1,
    ),
    ("network_eth0_errors_total", "network_device_errors_total", {"device": "eth0"}, "", 1),
    ("disk_root_usage_pct", "disk_mount_usage_percent", {"mount": "root"}, "percent", 1),
    ("disk_busy_pct", "disk_busy_percent", {}, "percent", 1),
    ("gpu0_temperature_c", "gpu_temperature_celsius", {"gpu": "0"}, "celsius", 1),
    ("gpu12_power_w", "gpu_power_watts", {"gpu": "12"}, "watts", 1),
    ("endpoint/demo/rss_bytes", "endpoint_rss_bytes", {"endpoint": "demo"}, "bytes", 1),
    (
        "endpoint/demo/response_ms",
        "endpoint_response_duration_seconds",
        {"endpoint": "demo"},
        "seconds",
        0.001,
    ),
    ("endpoint/demo/uptime_s", "endpoint_uptime_seconds", {"endpoint": "demo"}, "seconds", 1),
    ("endpoint/a/b/c/restarts_total", "endpoint_restarts_total", {"endpoint": "a/b/c"}, "", 1),
    (
        "model/org/x/generation_tokens_per_s",
        "model_generation_tokens_per_second",
        {"model": "org/x"},
        "",
        1,
    ),
    ("model/m/slots_total", "model_slots", {"model": "m"}, "", 1),
    ("endpoint/demo/state", "endpoint_state_code", {"endpoint": "demo"}, "", 1),
    ("model/m/kv_cache_usage_ratio", "model_kv_cache_usage_ratio", {"model": "m"}, "ratio", 1),
    ("self_tick_late_ms", "self_tick_late_duration_seconds", {}, "seconds", 0.001),
]
ODD_NAMES = [
    'say "hi"',
    "back\\slash",
    "two\nlines",
    "🦙 llama",
    "{a=b}",
    "x/rss_bytes",
    "a b",
    "é",
]


@pytest.mark.parametrize(("name", "metric", "labels", "unit", "factor"), PAIRS)
def test_a_field_has_the_metric_that_the_documents_promise(
    name: str, metric: str, labels: dict[str, str], unit: str, factor: float
) -> None:
    found = metric_of(name)
    assert found.metric == f"llama_runner_{metric}"
    assert dict(found.labels) == labels
    assert (found.unit, found.factor) == (unit, factor)


@pytest.mark.parametrize(("name", "metric", "labels"), [pair[:3] for pair in PAIRS])
def test_a_series_leads_back_to_its_field(name: str, metric: str, labels: dict[str, str]) -> None:
    others = {"__name__": metric, "instance": "10.0.0.7:8585", "job": "llama-runner"}
    assert field_of(f"llama_runner_{metric}", {**others, **labels}) == name


@pytest.mark.parametrize("odd", ODD_NAMES)
@pytest.mark.parametrize("template", ["endpoint/{}/rss_bytes", "model/{}/requests_total"])
def test_any_name_of_an_endpoint_survives_the_way_there_and_back(template: str, odd: str) -> None:
    name = template.replace("{}", odd)
    found = metric_of(name)
    assert field_of(found.metric, dict(found.labels)) == name


def test_two_fields_never_share_a_series() -> None:
    names = [pair[0] for pair in PAIRS]
    series = {(metric_of(name).metric, metric_of(name).labels) for name in names}
    assert len(series) == len(names)


def test_every_metric_is_named_as_prometheus_allows() -> None:
    for name, *_ in PAIRS:
        assert re.fullmatch(r"[a-zA-Z_:][a-zA-Z0-9_:]*", metric_of(name).metric)
    assert all(re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]*", label) for label in LABELS)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "CPU",
        'cpu"}) or vector(1',
        "cpu usage",
        "_x",
        "x__y",
        "pod/x/cpu_pct",
        "endpoint/x/rss bytes",
        "endpoint//rss_bytes",
        "endpoint/x",
        "gpu01_power_w ",
        # These would lead back to another field.
        "cpu_percent",
        "queue_seconds",
        "start_duration_s",
        "tokens_per_second",
        "model/m/slots",
        "endpoint/demo/state_code",
    ],
)
def test_what_follows_no_rule_of_ours_has_no_metric(name: str) -> None:
    with pytest.raises(NotAMetric):
        metric_of(name)


@pytest.mark.parametrize(
    ("metric", "labels"),
    [
        ("node_cpu_seconds_total", {}),
        ("llama_runner_", {}),
        ("llama_runner_Odd", {}),
        ("llama_runner_endpoint_rss_bytes", {"endpoint": ""}),
        ("llama_runner_gpu_power_watts", {"gpu": "left"}),
        ("llama_runner_disk_mount_usage_percent", {"mount": ""}),
    ],
)
def test_a_series_of_others_leads_nowhere(metric: str, labels: dict[str, str]) -> None:
    assert field_of(metric, labels) is None


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("cpu_usage_pct", "pct"),
        ("cpu_cores", "count"),
        ("endpoint/a_s/threads", "count"),
        ("endpoint/x/response_ms", "ms"),
        ("endpoint/x/uptime_s", "s"),
        ("disk_read_bytes_per_s", "bytes_per_s"),
        ("model/x/prompt_tokens_per_s", "per_s"),
        ("endpoint/x/restarts_total", "total"),
    ],
)
def test_a_name_tells_its_unit(name: str, unit: str) -> None:
    assert unit_of(name) == unit
