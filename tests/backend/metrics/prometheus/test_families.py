"""What is told of a computer, as metrics."""

from __future__ import annotations

import pytest
from fakes.supervisor import view
from fakes.told import WALL_MS, told

from llama_runner_pro.endpoints.states import State
from llama_runner_pro.metrics.model import Field
from llama_runner_pro.metrics.prometheus.families import (
    LONGEST_LABEL,
    MOST_PER_LABEL,
    OWN,
    Family,
    Told,
    families,
)


def by_name(moment: Told) -> dict[str, Family]:
    """All families of a moment; a name that repeats fails."""
    found = families(moment)
    assert len({family.name for family in found}) == len(found)
    return {family.name.removeprefix("llama_runner_"): family for family in found}


def values(family: Family, *labels: str) -> dict[tuple[str, ...], float]:
    """The values of a family by those of its labels."""
    return {tuple(one.labels[label] for label in labels): one.value for one in family.series}


def test_what_exists_several_times_is_one_metric_with_a_label() -> None:
    cores = by_name(told())["cpu_core_usage_percent"]
    assert values(cores, "core") == {("0",): 20.0, ("1",): 5.0}
    assert (cores.help, cores.unit) == ("Usage, per processor core, in percent.", "percent")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("cpu_usage_percent", "CPU, in percent."),
        ("cpu_cores", "CPU cores."),
        ("endpoint_response_duration_seconds", "Response time, per endpoint, in seconds."),
        ("endpoint_restarts_total", "Restarts, per endpoint."),
        ("network_device_errors_total", "Errors, per network interface."),
        ("disk_mount_usage_percent", "Usage, per disk, in percent."),
    ],
)
def test_the_help_holds_for_every_series_of_a_metric(name: str, words: str) -> None:
    assert by_name(told())[name].help == words


def test_values_are_in_base_units() -> None:
    found = by_name(told())["endpoint_response_duration_seconds"]
    assert values(found, "endpoint") == {("demo",): pytest.approx(0.0035)}


def test_a_value_that_is_missing_has_no_series() -> None:
    assert "gpu_temperature_celsius" not in by_name(told())
    odd = (Field("load_1m", "ratio", "Load", "cpu"),)
    for value in (None, float("nan"), float("inf")):
        assert "load_1m" not in by_name(told(odd, {"load_1m": value}))


def test_running_totals_are_counters_and_everything_else_is_not() -> None:
    for name, family in by_name(told()).items():
        assert (family.kind == "counter") == name.endswith("_total"), name


def test_every_state_of_an_endpoint_is_told_and_one_is_true() -> None:
    states = values(by_name(told())["endpoint_state"], "endpoint", "state")
    assert len(states) == 2 * len(State)
    assert {key for key, value in states.items() if value == 1} == {
        ("demo", "online"),
        ("org/model", "failed"),
    }


def test_a_scrape_tells_who_when_and_what_alarms() -> None:
    found = by_name(told())
    assert values(found["build_info"], "version", "hostname", "sidecar") == {
        ("0.1.0", "box", "1a2b3c4d"): 1
    }
    assert values(found["last_sample_timestamp_seconds"]) == {(): WALL_MS / 1000}
    assert values(found["alerts_active"], "severity") == {("critical",): 1, ("warning",): 0}
    assert values(found["gpu_info"], "gpu", "name") == {("0", "Fast 9000"): 1}
    assert values(found["endpoint_info"], "endpoint", "kind")["demo", "llamacpp"] == 1
    assert values(found["up"]) == {(): 1}


def test_before_the_first_sample_only_what_is_known_is_told() -> None:
    found = by_name(told(snapshot=None))
    assert "up" in found
    assert "endpoint_state" in found
    assert "last_sample_timestamp_seconds" not in found
    assert "cpu_usage_percent" not in found


def test_without_endpoints_there_is_no_metric_of_them() -> None:
    assert "endpoint_state" not in by_name(told(views=()))


def test_every_own_metric_has_help() -> None:
    for family in families(told()):
        assert family.help.endswith("."), family.name
        assert family.name not in OWN or family.help == OWN[family.name]


def test_a_flood_of_names_is_capped_and_the_cap_is_told() -> None:
    count = MOST_PER_LABEL + 44
    fields = tuple(
        Field(f"endpoint/e{n}/rss_bytes", "bytes", "Memory", "endpoint") for n in range(count)
    )
    found = by_name(told(fields, {field.name: 1 for field in fields}, views=()))
    assert len(found["endpoint_rss_bytes"].series) == MOST_PER_LABEL
    assert values(found["series_left_out"]) == {(): 44}


def test_the_cap_counts_names_and_not_series() -> None:
    fields = tuple(
        Field(f"endpoint/e{n}/{part}", "bytes", "Memory", "endpoint")
        for n in range(MOST_PER_LABEL)
        for part in ("rss_bytes", "gpu_memory_bytes")
    )
    views = tuple(view(f"e{n}") for n in range(MOST_PER_LABEL))
    found = by_name(told(fields, {field.name: 1 for field in fields}, views=views))
    assert len(found["endpoint_gpu_memory_bytes"].series) == MOST_PER_LABEL
    assert len(found["endpoint_state"].series) == MOST_PER_LABEL * len(State)
    assert values(found["series_left_out"]) == {(): 0}


@pytest.mark.parametrize("name", ["x" * (LONGEST_LABEL + 1), "half \ud83d", "bell \x07", "nul \0"])
def test_a_name_that_readers_would_choke_on_is_left_out(name: str) -> None:
    fields = (Field(f"endpoint/{name}/rss_bytes", "bytes", "Memory", "endpoint"),)
    found = by_name(told(fields, {fields[0].name: 1}, views=(view(name),)))
    assert "endpoint_rss_bytes" not in found
    assert "endpoint_state" not in found
    assert values(found["series_left_out"]) == {(): 2}


def test_a_field_that_follows_no_rule_is_left_out() -> None:
    fields = (Field("pod/x/cpu_pct", "pct", "CPU", "pod"),)
    assert values(by_name(told(fields, {"pod/x/cpu_pct": 1}))["series_left_out"]) == {(): 1}
