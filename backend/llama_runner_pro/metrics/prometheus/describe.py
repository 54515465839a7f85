"""Unit, label and group of a field that another machine has and this one has not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.metrics.model import Field
from llama_runner_pro.metrics.prometheus.names import NotAMetric, metric_of, unit_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_GROUPS = {"load": "cpu", "swap": "memory"}
_UNNAMED = frozenset({"count", "ratio"})


def described(name: str, known: Mapping[str, Field]) -> Field:
    """As this machine declares it, or as it can be told from its name. The name must be sound."""
    own = known.get(name)
    if own is not None:
        return own
    found = metric_of(name)
    kind, _, last = name.partition("/")
    alike = next((one for one in known.values() if _alike(one.name, found.metric)), None)
    if last and alike is not None:
        # The label of such a field says what is measured, and not of which endpoint.
        return Field(name, alike.unit, alike.label, alike.group, alike.kind)
    word = kind.partition("_")[0].rstrip("0123456789")
    unit = unit_of(name)
    text = name.rpartition("/")[2]
    text = text if unit in _UNNAMED else text.removesuffix(f"_{unit}")
    label = text.replace("_", " ")
    is_counter = found.metric.endswith("_total")
    return Field(
        name,
        unit,
        label[:1].upper() + label[1:],
        _GROUPS.get(word, word),
        "counter" if is_counter else "gauge",
    )


def _alike(name: str, metric: str) -> bool:
    try:
        return "/" in name and metric_of(name).metric == metric
    except NotAMetric:
        return False
