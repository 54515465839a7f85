"""Everything that is told to the outside at one moment, as metrics with help, unit and series.

A scrape and a push send the same. A value that is missing has no series: neither 0 nor NaN.
"""

from __future__ import annotations

import math
import unicodedata
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from msgspec import field

from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.endpoints.states import State
from llama_runner_pro.metrics.prometheus.names import PREFIX, NotAMetric, metric_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from llama_runner_pro.endpoints.ports import EndpointView
    from llama_runner_pro.metrics.model import Field, Snapshot
    from llama_runner_pro.metrics.prometheus.names import MetricName

FamilyKind = Literal["gauge", "counter", "info"]

MOST_PER_LABEL = 256
"""More endpoints, interfaces or disks than this are not told one by one."""
LONGEST_LABEL = 200
_GPU_NAME = "gpu{}_name"

UP = f"{PREFIX}up"
SAMPLED_AT = f"{PREFIX}last_sample_timestamp_seconds"
BUILD = f"{PREFIX}build_info"
STATE = f"{PREFIX}endpoint_state"
ALERTS = f"{PREFIX}alerts_active"
ENDPOINT = f"{PREFIX}endpoint_info"
GPU = f"{PREFIX}gpu_info"
LEFT_OUT = f"{PREFIX}series_left_out"
OWN: Mapping[str, str] = MappingProxyType(
    {
        UP: "Always 1 while the sidecar answers.",
        SAMPLED_AT: "When the sensors were read last, in seconds since 1970.",
        BUILD: "Version of the sidecar, its computer, and what tells it from others there.",
        STATE: "1 for the state that each endpoint is in, 0 for every other.",
        ALERTS: "Alarms that hold now, by severity.",
        ENDPOINT: "Kind of each endpoint.",
        GPU: "Name of each graphics card.",
        LEFT_OUT: "Series that are not told because a label has too many or unfit values.",
    }
)
"""Metrics that stand for no field, with their help."""

_UNIT_WORDS = {
    "percent": "in percent",
    "bytes": "in bytes",
    "bytes_per_second": "in bytes per second",
    "seconds": "in seconds",
    "celsius": "in degrees Celsius",
    "watts": "in watts",
    "hertz": "in hertz",
}
_THINGS = {
    "core": "processor core",
    "gpu": "graphics card",
    "device": "network interface",
    "mount": "disk",
    "endpoint": "endpoint",
    "model": "model",
    "ending": "way in which they ended",
}
_STEMS = {"core": "cpu_core_", "gpu": "gpu_", "device": "network_device_", "mount": "disk_mount_"}


class Series(ValueObject, frozen=True):
    """One value of a metric."""

    labels: Mapping[str, str]
    value: float


class Family(ValueObject, frozen=True):
    """One metric: all its series, in a fixed order."""

    name: str
    """As queries write it."""
    kind: FamilyKind
    help: str
    unit: str
    """As OpenMetrics tells it, or empty."""
    series: Sequence[Series]


class Told(ValueObject, frozen=True, kw_only=True):
    """What is known of this machine at one moment."""

    snapshot: Snapshot | None
    """None before the first sample."""
    fields: Sequence[Field]
    views: Sequence[EndpointView] = ()
    alerts_active: Mapping[str, int] = field(default_factory=dict)
    """Severity → alarms that hold."""
    version: str = ""
    host: str = ""
    """Name of this computer."""
    sidecar: str = ""
    """Tells sidecars on one computer apart."""


def families(told: Told) -> list[Family]:
    """All metrics, ours first, then one for each kind of field; names do not repeat."""
    limit = _Limit()
    measured = list(_measured(told, limit))
    build = {"version": told.version, "hostname": told.host, "sidecar": told.sidecar}
    own = [
        _own(UP, [Series({}, 1)]),
        _own(BUILD, [Series(build, 1)], "info"),
        *_of_endpoints(told.views, limit),
        _own(ALERTS, [Series({"severity": s}, n) for s, n in told.alerts_active.items()]),
    ]
    if told.snapshot is not None:
        own.append(_own(SAMPLED_AT, [Series({}, told.snapshot.wall_ms / 1000)], unit="seconds"))
        own.append(_own(GPU, _gpus(told.snapshot), "info"))
    own.append(_own(LEFT_OUT, [Series({}, limit.left_out)]))
    return [*(family for family in own if family.series), *measured]


def help_of(told: Field, found: MetricName) -> str:
    """What a metric means, in words that hold for all its series."""
    words = _words(told, found)
    unit = _UNIT_WORDS.get(found.unit, "")
    return f"{words}, {unit}." if unit else f"{words}."


def _words(told: Field, found: MetricName) -> str:
    if not found.labels:
        return told.label
    label = found.labels[0][0]
    stem = _STEMS.get(label)
    if stem is None:
        return f"{told.label}, per {_THINGS[label]}"
    # The label of such a field names the one thing that it belongs to.
    what = found.metric.removeprefix(PREFIX).removeprefix(stem)
    what = what.removesuffix(f"_{found.unit}").removesuffix("_total").replace("_", " ")
    return f"{what.capitalize()}, per {_THINGS[label]}"


class _Limit:
    """Keeps the number of values of each label bounded, and their text fit to be sent."""

    def __init__(self) -> None:
        self._seen: dict[str, set[str]] = {}
        self.left_out = 0

    def admits(self, labels: Iterable[tuple[str, str]]) -> bool:
        for label, value in labels:
            seen = self._seen.setdefault(label, set())
            if value in seen:
                continue
            if len(seen) >= MOST_PER_LABEL or not _is_fit(value):
                self.left_out += 1
                return False
            seen.add(value)
        return True


def _is_fit(value: str) -> bool:
    """Text that every reader takes: control characters and halves of characters are not."""
    if len(value) > LONGEST_LABEL:
        return False
    return value.isprintable() or not any(
        unicodedata.category(character) in ("Cc", "Cs") and character not in "\n\t"
        for character in value
    )


def _measured(told: Told, limit: _Limit) -> Iterator[Family]:
    if told.snapshot is None:
        return
    found: dict[str, Family] = {}
    series: dict[str, list[Series]] = {}
    for one in told.fields:
        value = told.snapshot.values.get(one.name)
        if value is None or not math.isfinite(value):
            continue
        try:
            name = metric_of(one.name)
        except NotAMetric:
            limit.left_out += 1
            continue
        if not limit.admits(name.labels):
            continue
        if name.metric not in found:
            rows = series[name.metric] = []
            kind: FamilyKind = "counter" if one.unit == "total" else "gauge"
            found[name.metric] = Family(name.metric, kind, help_of(one, name), name.unit, rows)
        series[name.metric].append(Series(dict(name.labels), value * name.factor))
    yield from found.values()


def _of_endpoints(views: Sequence[EndpointView], limit: _Limit) -> Iterator[Family]:
    known = [view for view in views if limit.admits([("endpoint", view.name)])]
    states = [
        Series({"endpoint": view.name, "state": str(state)}, float(view.state is state))
        for view in known
        for state in State
    ]
    yield _own(STATE, states)
    kinds = [Series({"endpoint": view.name, "kind": view.kind}, 1) for view in known]
    yield _own(ENDPOINT, kinds, "info")


def _gpus(snapshot: Snapshot) -> list[Series]:
    found = []
    for index in range(MOST_PER_LABEL):
        name = snapshot.facts.get(_GPU_NAME.format(index))
        if name is None:
            break
        if _is_fit(name):
            found.append(Series({"gpu": str(index), "name": name}, 1))
    return found


def _own(name: str, series: Sequence[Series], kind: FamilyKind = "gauge", unit: str = "") -> Family:
    return Family(name, kind, OWN[name], unit, series)
