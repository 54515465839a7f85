"""Scrapes in both formats, read back by prometheus-client's own parsers."""

from __future__ import annotations

import gzip

import pytest
from fakes.supervisor import view
from fakes.told import told
from prometheus_client.openmetrics import parser as open_metrics
from prometheus_client.parser import text_string_to_metric_families

from llama_runner_pro.metrics.model import Field
from llama_runner_pro.metrics.prometheus.exposition import (
    OPENMETRICS_TYPE,
    TEXT_TYPE,
    page,
    wants_openmetrics,
)
from llama_runner_pro.metrics.prometheus.families import families

PROMETHEUS = (
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)
ODD = 'say "hi"\\ to 🦙\nand é'


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", False),
        ("*/*", False),
        ("text/plain", False),
        ("text/html,application/xhtml+xml,*/*;q=0.8", False),
        ("application/openmetrics-text", True),
        ("Application/OpenMetrics-Text; version=1.0.0; q=0.5", True),
        (PROMETHEUS, True),
        ("application/openmetrics-text;q=0", False),
        ("application/openmetrics-text;q=0.2, text/plain", False),
        ("application/openmetrics-text;q=much", False),
        ("application/openmetrics-text;version=junk", True),
        (";;,,;q=;=", False),
    ],
)
def test_the_accept_header_picks_the_format(accept: str, expected: bool) -> None:
    assert wants_openmetrics(accept) is expected
    found = page(families(told()), accept=accept)
    assert found.media_type == (OPENMETRICS_TYPE if expected else TEXT_TYPE)


def test_openmetrics_satisfies_the_strict_parser() -> None:
    text = page(families(told()), accept=PROMETHEUS).body.decode()
    found = {one.name: one for one in open_metrics.text_string_to_metric_families(text)}
    assert found["llama_runner_endpoint_restarts"].type == "counter"
    assert found["llama_runner_cpu_usage_percent"].unit == "percent"
    assert found["llama_runner_build"].type == "info"
    assert text.endswith("# EOF\n")


def test_text_and_openmetrics_hold_the_same_series() -> None:
    def series(parsed: object) -> set[tuple[object, ...]]:
        return {
            (sample.name, tuple(sorted(sample.labels.items())), sample.value)
            for metric in parsed  # type: ignore[attr-defined]
            for sample in metric.samples
        }

    plain = page(families(told())).body.decode()
    rich = page(families(told()), accept=PROMETHEUS).body.decode()
    assert series(text_string_to_metric_families(plain)) == series(
        open_metrics.text_string_to_metric_families(rich)
    )


@pytest.mark.parametrize("accept", ["", PROMETHEUS])
def test_any_name_of_an_endpoint_survives_the_formats(accept: str) -> None:
    fields = (Field(f"endpoint/{ODD}/rss_bytes", "bytes", "Memory", "endpoint"),)
    moment = told(fields, {fields[0].name: 7}, views=(view(ODD),))
    text = page(families(moment), accept=accept).body.decode()
    parse = open_metrics.text_string_to_metric_families if accept else None
    found = list((parse or text_string_to_metric_families)(text))
    metric = next(one for one in found if one.name == "llama_runner_endpoint_rss_bytes")
    assert [(s.labels, s.value) for s in metric.samples] == [({"endpoint": ODD}, 7)]


def test_a_large_answer_is_packed_for_those_who_can_unpack_it() -> None:
    plain = page(families(told()), accept_encoding="identity")
    packed = page(families(told()), accept_encoding="gzip;q=0.8, deflate")
    assert (plain.encoding, packed.encoding) == (None, "gzip")
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 2


def test_a_small_answer_is_not_packed() -> None:
    assert page([], accept_encoding="gzip").encoding is None


def test_packing_can_be_refused() -> None:
    assert page(families(told()), accept_encoding="gzip;q=0").encoding is None
