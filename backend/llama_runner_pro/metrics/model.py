"""Fields and snapshots: each field is declared once and everything else derives from that."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from msgspec import field

from llama_runner_pro.core.value_object import ValueObject

if TYPE_CHECKING:
    from collections.abc import Mapping

Unit = Literal[
    "pct", "bytes", "bytes_per_s", "per_s", "c", "w", "ms", "s", "hz", "ratio", "total", "count"
]
FieldKind = Literal["gauge", "counter", "state"]
Value = float | int | None

DETAIL_GROUPS = frozenset({"cpu_cores", "network_interfaces"})
"""Groups that only a viewer who asks for them by name gets: they grow with the machine, and
what most pages show of them is the total."""

_DIGITS: dict[str, int] = {"pct": 1, "c": 1, "w": 1, "ms": 1, "s": 1, "per_s": 1, "ratio": 2}


def rounded(value: Value, unit: Unit) -> Value:
    """The value with as many digits as its unit deserves; NaN and infinity become None.

    Digits that nobody can see would make every value differ at every tick, and cost bytes on
    the wire. Whole units (bytes, counts, totals, hertz) become integers.
    """
    if value is None or not math.isfinite(value):
        return None
    digits = _DIGITS.get(unit)
    return round(value) if digits is None else round(value, digits)


class Field(ValueObject, frozen=True):
    """One number that we can measure.

    `name` carries its unit as suffix (`cpu_usage_pct`), except for plain counts and ratios of
    load. Labelled fields put their label before the last part: `endpoint/demo/rss_bytes`.
    """

    name: str
    unit: Unit
    label: str
    group: str
    kind: FieldKind = "gauge"


class Reading(ValueObject, frozen=True):
    """What one collector found: values by field name, and why others are missing."""

    values: Mapping[str, Value]
    absent: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Field or group name → reason in words for the user."""
    facts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Texts that belong to the numbers, e.g. `gpu0_name`."""


class Snapshot(ValueObject, frozen=True):
    """All fields at one tick. `late_ms` is how far behind its due time the tick ran."""

    seq: int
    wall_ms: int
    values: Mapping[str, Value]
    absent: Mapping[str, str]
    late_ms: float = 0.0
    facts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
