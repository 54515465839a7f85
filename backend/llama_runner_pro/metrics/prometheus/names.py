"""Names of our fields and of their metrics, both ways, by rule alone.

A field is one number on one machine: `gpu0_temperature_c`, `endpoint/demo/response_ms`. Its metric
follows the naming rules of prometheus.io: base units in full, what differs between series in
labels: `llama_runner_gpu_temperature_celsius{gpu="0"}`,
`llama_runner_endpoint_response_duration_seconds{endpoint="demo"}`. No two fields share a series,
so that a series leads back to its field.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from llama_runner_pro.core.value_object import ValueObject

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llama_runner_pro.metrics.model import Unit

PREFIX = "llama_runner_"

_STEM = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


class _PerThing(ValueObject, frozen=True):
    """Fields that exist once per something: how both sides write that."""

    pattern: re.Pattern[str]
    """Of the field, in our units: the something, and what is told of it."""
    template: str
    """The same the other way round."""
    stem: str
    """What the metric begins with, after the prefix."""
    label: str


def _per(pattern: str, template: str, stem: str, label: str) -> _PerThing:
    return _PerThing(re.compile(pattern, re.DOTALL), template, stem, label)


# Interfaces and mounts get stems of their own: `network_received_…` is the total over all, and a
# sum over that and its parts would count twice.
_NIC_PARTS = "received_bytes_per_s|sent_bytes_per_s|errors_total|drops_total"
_MOUNT_PARTS = "usage_pct|used_bytes|total_bytes"
_PER_THING = (
    _per(r"cpu_core(0|[1-9][0-9]*)_(.+)", "cpu_core{}_{}", "cpu_core_", "core"),
    _per(r"gpu(0|[1-9][0-9]*)_(.+)", "gpu{}_{}", "gpu_", "gpu"),
    _per(rf"network_(.+)_({_NIC_PARTS})", "network_{}_{}", "network_device_", "device"),
    _per(rf"disk_(.+)_({_MOUNT_PARTS})", "disk_{}_{}", "disk_mount_", "mount"),
    _per(r"endpoint/(.+)/([^/]+)", "endpoint/{}/{}", "endpoint_", "endpoint"),
    _per(r"model/(.+)/([^/]+)", "model/{}/{}", "model_", "model"),
    _per(r"gateway_ended_(.+)_(total)", "gateway_ended_{}_{}", "gateway_ended_", "ending"),
)
LABELS = tuple(kind.label for kind in _PER_THING)
"""Every label that tells one series of a metric from another on the same machine."""


class _UnitRule(ValueObject, frozen=True):
    unit: Unit
    ours: str
    """Suffix of the field."""
    theirs: str
    """Suffix of the metric."""
    written: str = ""
    """The unit as OpenMetrics wants it told; empty where it knows none."""
    factor: float = 1.0
    """Value of the metric for a field's value of one."""


# Longer suffixes come first: `_bytes_per_s` ends with `_per_s`, that with `_s`.
_UNITS = (
    # A gauge must not end with `_total`, and `endpoint_state` has one series for each state.
    _UnitRule("count", "slots_total", "slots"),
    _UnitRule("count", "state", "state_code"),
    _UnitRule("bytes_per_s", "bytes_per_s", "bytes_per_second", "bytes_per_second"),
    _UnitRule("per_s", "per_s", "per_second"),
    # Told apart from seconds, so that the way back is clear.
    _UnitRule("ms", "ms", "duration_seconds", "seconds", 0.001),
    _UnitRule("s", "s", "seconds", "seconds"),
    _UnitRule("pct", "pct", "percent", "percent"),
    _UnitRule("c", "c", "celsius", "celsius"),
    _UnitRule("w", "w", "watts", "watts"),
    _UnitRule("hz", "hz", "hertz", "hertz"),
    _UnitRule("bytes", "bytes", "bytes", "bytes"),
    _UnitRule("total", "total", "total"),
    _UnitRule("ratio", "ratio", "ratio", "ratio"),
)
_NO_UNIT = _UnitRule("count", "", "")
_UNWRITABLE = (
    "slots",
    "state_code",
    "per_second",
    "seconds",
    "percent",
    "celsius",
    "watts",
    "hertz",
    "duration_s",
)
"""Endings that a field must not have: its metric would lead back to another field."""


class MetricName(ValueObject, frozen=True):
    """Where the values of one field are found."""

    metric: str
    """As queries write it; counters end with `_total`."""
    labels: tuple[tuple[str, str], ...]
    unit: str
    """As OpenMetrics tells it, or empty."""
    factor: float
    """Value of the metric = value of the field x this."""


class NotAMetric(ValueError):
    """This name follows no rule of ours, so no metric belongs to it."""


def unit_of(field_name: str) -> Unit:
    """The unit that a field's name tells; `count` where it tells none."""
    return _rule_of(field_name).unit


@lru_cache(maxsize=8_192)
def metric_of(field_name: str) -> MetricName:
    """The metric of a field. Raises NotAMetric; safe for any text."""
    stem, labels = _unlabelled(field_name)
    rule = _rule_of(stem)
    if not _STEM.fullmatch(stem) or stem.endswith(tuple(f"_{end}" for end in _UNWRITABLE)):
        raise NotAMetric(f"{field_name!r} is not the name of a metric")
    if rule.ours:
        stem = stem.removesuffix(rule.ours) + rule.theirs
    return MetricName(PREFIX + stem, labels, rule.written, rule.factor)


def field_of(metric: str, labels: Mapping[str, str]) -> str | None:
    """The field that a series belongs to; None when it is none of ours. More labels do no harm."""
    if not metric.startswith(PREFIX):
        return None
    stem = metric.removeprefix(PREFIX)
    for rule in _UNITS:
        if stem.endswith(f"_{rule.theirs}"):
            stem = stem.removesuffix(rule.theirs) + rule.ours
            break
    name = _labelled(stem, labels)
    try:
        found = metric_of(name)
    except NotAMetric:
        return None
    return name if found.metric == metric and set(found.labels) <= set(labels.items()) else None


def _rule_of(name: str) -> _UnitRule:
    last = name.rpartition("/")[2]
    return next((rule for rule in _UNITS if last.endswith(f"_{rule.ours}")), _NO_UNIT)


def _unlabelled(name: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """What is left of a name without number or label, and those as labels."""
    for kind in _PER_THING:
        found = kind.pattern.fullmatch(name)
        if found:
            return f"{kind.stem}{found[2]}", ((kind.label, found[1]),)
    return name, ()


def _labelled(stem: str, labels: Mapping[str, str]) -> str:
    """A field's name from its metric's stem, in our units, and the labels of the series."""
    for kind in _PER_THING:
        if kind.label in labels and stem.startswith(kind.stem):
            return kind.template.format(labels[kind.label], stem.removeprefix(kind.stem))
    return stem
