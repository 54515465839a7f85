from __future__ import annotations

import math

import pytest

from llama_runner_pro.metrics.model import Field, Reading, Snapshot, Unit, Value, rounded


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (12.3456, "pct", 12.3),
        (61.25, "c", 61.2),
        (1.23456, "ratio", 1.23),
        (0.04, "per_s", 0.0),
        (1234.7, "bytes", 1235),
        (1234.2, "bytes_per_s", 1234),
        (7.0, "total", 7),
        (2, "count", 2),
        (None, "pct", None),
        (math.nan, "pct", None),
        (math.inf, "bytes", None),
    ],
)
def test_values_get_the_digits_that_their_unit_deserves(
    value: Value, unit: Unit, expected: Value
) -> None:
    assert rounded(value, unit) == expected


@pytest.mark.parametrize("unit", ["bytes", "bytes_per_s", "total", "count", "hz"])
def test_whole_units_become_integers(unit: Unit) -> None:
    assert isinstance(rounded(5.0, unit), int)


def test_readings_and_snapshots_have_nothing_absent_unless_they_say_so() -> None:
    assert not Reading({"a": 1}).absent
    assert not Snapshot(seq=1, wall_ms=0, values={}, absent={}).facts


def test_fields_are_equal_when_they_say_the_same() -> None:
    assert Field("a_pct", "pct", "A", "cpu") == Field("a_pct", "pct", "A", "cpu", "gauge")
