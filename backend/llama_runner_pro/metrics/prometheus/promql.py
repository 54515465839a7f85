"""Writing queries. Names and hosts come from outside; nothing of them can leave its quotes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TAG = "llama_query"
"""Label that tells the answers of several questions in one query apart."""

_NICE_STEPS_S = (
    *(1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1_800),
    *(3_600, 7_200, 10_800, 21_600, 43_200, 86_400),
)
_DAY_S = 86_400


def quoted(text: str) -> str:
    """A string literal of PromQL (prometheus.io, "Querying basics")."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def selected(metric: str, labels: Mapping[str, str], more: str = "") -> str:
    """The series of a metric with these labels. `more` are matchers as they stand in a query."""
    matchers = [f"{name}={quoted(value)}" for name, value in labels.items()]
    if more.strip():
        matchers.append(more.strip().strip(","))
    return f"{metric}{{{','.join(matchers)}}}"


def together(questions: Iterable[tuple[str, str]]) -> str:
    """One query for several: each answer carries its own tag."""
    return " or ".join(
        f'label_replace({expression},"{TAG}",{quoted(tag)},"{TAG}","")'
        for tag, expression in questions
    )


def step_s(span_ms: int, points: int, least_s: float) -> int:
    """A handsome step of at least `least_s` that makes at most `points` buckets of a span.

    Buckets begin at whole multiples of the step, so that there is one more than fits.
    """
    for step in _NICE_STEPS_S:
        if step >= least_s and span_ms / (step * 1000) <= points - 1:
            return step
    return -(-span_ms // (1000 * _DAY_S * (points - 1))) * _DAY_S
