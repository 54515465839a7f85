"""Values against limits."""

from __future__ import annotations

import pytest

from llama_runner_pro.alerts.gauges import read_gauges
from llama_runner_pro.config.alerts import (
    AlertsSpec,
    EndpointGpuMemoryRule,
    GpuMemoryRule,
    GpuTemperatureRule,
    ProcessMemoryRule,
    SystemMemoryRule,
)

GIB = 1024**3


def signals(
    spec: AlertsSpec, values: dict[str, float | int | None], limits: dict[str, int] | None = None
) -> dict[tuple[str, str], str]:
    """What each value says, by rule and subject."""
    found = read_gauges(spec, limits or {}, ["a/b", "demo"], values)
    return {key: seen.signal for key, seen in found}


@pytest.mark.parametrize(
    ("used_pct", "signal"), [(95.5, "hot"), (95, "between"), (91, "between"), (89, "cool")]
)
def test_memory_of_the_machine(used_pct: float, signal: str) -> None:
    found = signals(AlertsSpec(), {"memory_usage_pct": used_pct})
    assert found == {("system_memory", "machine"): signal}


def test_processes_have_the_limit_of_their_endpoint_or_the_one_for_all() -> None:
    values = {"endpoint/demo/rss_bytes": 3 * GIB, "endpoint/a/b/rss_bytes": 3 * GIB}
    assert signals(AlertsSpec(), values) == {}
    own = signals(AlertsSpec(), values, {"a/b": 2 * GIB})
    assert own == {("process_memory", "a/b"): "hot"}
    for_all = AlertsSpec(process_memory=ProcessMemoryRule(above_bytes=4 * GIB))
    assert signals(for_all, values, {"a/b": 2 * GIB}) == {
        ("process_memory", "a/b"): "hot",
        ("process_memory", "demo"): "cool",
    }


@pytest.mark.parametrize(
    ("used_bytes", "signal"), [(910, "hot"), (900, "between"), (860, "between"), (850, "cool")]
)
def test_a_hard_limit_is_an_alarm_before_it_is_reached(used_bytes: int, signal: str) -> None:
    values = {"endpoint/demo/rss_bytes": used_bytes}
    assert signals(AlertsSpec(), values, {"demo": 1000}) == {("process_memory", "demo"): signal}


def test_the_graphics_memory_of_each_endpoint_that_tells_is_watched() -> None:
    values: dict[str, float | int | None] = {
        "endpoint/demo/gpu_memory_bytes": 9 * GIB,
        "endpoint/a/b/gpu_memory_bytes": None,
    }
    assert signals(AlertsSpec(), values) == {}
    limited = AlertsSpec(endpoint_gpu_memory=EndpointGpuMemoryRule(above_bytes=8 * GIB))
    assert signals(limited, values) == {("endpoint_gpu_memory", "demo"): "hot"}
    assert signals(limited, {}) == {}
    ((_, seen),) = read_gauges(limited, {}, ["demo"], values)
    assert seen.alarm.message == "It uses 9.0 GiB; the limit for an alarm is 8.0 GiB."
    assert seen.endpoint == "demo"


def test_each_graphics_card_is_watched_on_its_own() -> None:
    values = {
        "gpu0_temperature_c": 91.0,
        "gpu1_temperature_c": 60.0,
        "gpu0_memory_used_bytes": 79 * GIB,
        "gpu0_memory_total_bytes": 80 * GIB,
        "gpu1_memory_used_bytes": 10 * GIB,
        "gpu1_memory_total_bytes": None,
        "gpu_temperature_c": 99.0,
    }
    spec = AlertsSpec(gpu_memory=GpuMemoryRule(enabled=True))
    assert signals(spec, values) == {
        ("gpu_temperature", "gpu0"): "hot",
        ("gpu_temperature", "gpu1"): "cool",
        ("gpu_memory", "gpu0"): "hot",
    }


def test_full_graphics_memory_is_no_alarm_unless_asked_for() -> None:
    values = {"gpu0_memory_used_bytes": 99, "gpu0_memory_total_bytes": 100}
    assert signals(AlertsSpec(), values) == {}


def test_missing_values_say_nothing() -> None:
    values = {
        "memory_usage_pct": None,
        "endpoint/demo/rss_bytes": None,
        "gpu0_temperature_c": None,
    }
    assert signals(AlertsSpec(), values, {"demo": 1}) == {}


def test_rules_that_are_off_say_nothing() -> None:
    spec = AlertsSpec(
        process_memory=ProcessMemoryRule(enabled=False),
        system_memory=SystemMemoryRule(enabled=False),
        gpu_temperature=GpuTemperatureRule(enabled=False),
    )
    values = {
        "memory_usage_pct": 99.0,
        "endpoint/demo/rss_bytes": 99,
        "gpu0_temperature_c": 99.0,
    }
    assert signals(spec, values, {"demo": 1}) == {}


def test_the_words_name_value_and_limit() -> None:
    values = {"endpoint/demo/rss_bytes": int(11.3 * GIB)}
    ((_, own),) = read_gauges(AlertsSpec(), {"demo": 12 * GIB}, ["demo"], values)
    assert own.alarm.title == "demo is near its memory limit"
    assert own.alarm.message == "Its processes use 11.3 GiB; its limit is 12.0 GiB."
    assert not own.holds
    for_all = AlertsSpec(process_memory=ProcessMemoryRule(above_bytes=10 * GIB))
    ((_, common),) = read_gauges(for_all, {}, ["demo"], values)
    assert common.alarm.title == "demo uses too much memory"
    assert "the limit for an alarm is 10.0 GiB" in common.alarm.message
