"""How long measurements are kept, and where else they go."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import Meta

from llama_runner_pro.config.rules import note_headers, url_problem
from llama_runner_pro.core.secrets import HIDDEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from llama_runner_pro.config.validate import Checker

DAY_S = 86_400
MOST_TIERS = 8
_LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SOURCE_SHARE = 4
"""A tier is made from the finer one before it, a part at a time; that one must reach this many
steps of it back, so that a part is whole before its source is forgotten."""

StepSeconds = Annotated[int, Meta(ge=1, le=DAY_S)]
KeepSeconds = Annotated[int, Meta(ge=60, le=20 * 365 * DAY_S)]
RequestSeconds = Annotated[float, Meta(gt=0, le=60)]


class TierSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One resolution, and how far back it reaches."""

    step_s: StepSeconds
    keep_s: KeepSeconds


class PrometheusSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A Prometheus-compatible store that holds the measurements of every host."""

    url: str = "http://127.0.0.1:9090"
    headers: dict[str, str] = {}
    """Secret: never shown or logged."""
    timeout_s: RequestSeconds = 5.0
    host_label: str = "instance"
    """The label that tells one host from another."""
    selector: str = ""
    """Further label matchers, as in `job="llama-runner"`."""


class HistorySpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The section `history` of the configuration."""

    backend: Literal["embedded", "prometheus"] = "embedded"
    enabled: bool = True
    max_bytes: Annotated[int, Meta(ge=1_000_000, le=1_000_000_000_000)] = 200_000_000
    tiers: tuple[TierSpec, ...] = (
        TierSpec(step_s=1, keep_s=3_600),
        TierSpec(step_s=10, keep_s=DAY_S),
        TierSpec(step_s=60, keep_s=14 * DAY_S),
        TierSpec(step_s=900, keep_s=365 * DAY_S),
    )
    prometheus: PrometheusSpec = PrometheusSpec()


class OtlpSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The section `otlp`: pushing measurements to an OpenTelemetry collector."""

    enabled: bool = False
    endpoint: str = "http://127.0.0.1:4318"
    headers: dict[str, str] = {}
    """Secret: never shown or logged."""
    interval_s: Annotated[float, Meta(ge=1, le=3_600)] = 10.0


def check_monitoring(checker: Checker, history: HistorySpec, otlp: OtlpSpec) -> None:
    """What must hold beyond types: tiers that build on each other, addresses that work."""
    _check_tiers(checker, history.tiers)
    store = history.prometheus
    for path, url in (("history.prometheus.url", store.url), ("otlp.endpoint", otlp.endpoint)):
        problem = url_problem(url)
        if problem is not None:
            checker.note(path, *problem)
    note_headers(checker, "history.prometheus.headers", store.headers)
    note_headers(checker, "otlp.headers", otlp.headers)
    if not _LABEL.fullmatch(store.host_label):
        message = f"{store.host_label!r} cannot be the name of a label"
        checker.note("history.prometheus.host_label", message, "letters, digits and _")
    if any(character in store.selector for character in "{}\n"):
        hint = 'write the matchers alone, as in job="llama-runner"'
        checker.note("history.prometheus.selector", "braces are added around it", hint)


def _check_tiers(checker: Checker, tiers: tuple[TierSpec, ...]) -> None:
    if not 1 <= len(tiers) <= MOST_TIERS:
        hint = f"from 1 to {MOST_TIERS}; to keep nothing, set history.enabled to false"
        checker.note("history.tiers", f"{len(tiers)} tiers are given", hint)
    for at, tier in enumerate(tiers):
        if tier.keep_s < tier.step_s:
            message = "a tier must keep at least one of its steps"
            checker.note(f"history.tiers[{at}].keep_s", message, f"at least {tier.step_s}")
    for at, (finer, tier) in enumerate(pairwise(tiers), 1):
        path = f"history.tiers[{at}]"
        if tier.step_s <= finer.step_s or tier.step_s % finer.step_s:
            message = f"{tier.step_s} s cannot be made from steps of {finer.step_s} s"
            checker.note(f"{path}.step_s", message, "list tiers finest first, each a multiple")
        elif tier.keep_s <= finer.keep_s:
            message = "a coarser tier that reaches no further back is of no use"
            checker.note(f"{path}.keep_s", message, f"more than {finer.keep_s}")
        elif finer.keep_s < _SOURCE_SHARE * tier.step_s:
            message = f"too short to make steps of {tier.step_s} s from"
            least = _SOURCE_SHARE * tier.step_s
            checker.note(f"history.tiers[{at - 1}].keep_s", message, f"at least {least}")


def monitoring_secrets(history: HistorySpec, otlp: OtlpSpec) -> Iterator[str]:
    """Every value of these sections that no log may show."""
    yield from history.prometheus.headers.values()
    yield from otlp.headers.values()


_HEADERS: tuple[tuple[str, ...], ...] = (
    ("history", "prometheus", "headers"),
    ("otlp", "headers"),
)


def redacted_monitoring(document: dict[str, Any]) -> dict[str, Any]:
    """A copy of a whole sound document without the headers of these sections."""
    for path in _HEADERS:
        document = _changed(document, path, lambda headers: dict.fromkeys(headers, HIDDEN))
    return document


def restored_monitoring(
    document: dict[str, Any], stored: dict[str, Any], missing: Callable[[str], None]
) -> dict[str, Any]:
    """`document` with each hidden header replaced by the stored one of that name.

    `missing` is called with the path of each one that stands for nothing. Whatever has another
    shape than expected is left for the check to complain about.
    """
    for path in _HEADERS:
        known = _found(stored, path)
        dotted = ".".join(path)

        def restored(
            headers: dict[str, Any], known: dict[str, Any] = known, dotted: str = dotted
        ) -> dict[str, Any]:
            for name, value in headers.items():
                if value == HIDDEN and name not in known:
                    missing(f"{dotted}.{name}")
            return {
                name: known.get(name, value) if value == HIDDEN else value
                for name, value in headers.items()
            }

        document = _changed(document, path, restored)
    return document


def _found(document: Any, path: tuple[str, ...]) -> dict[str, Any]:
    for key in path:
        document = document.get(key) if isinstance(document, dict) else None
    return document if isinstance(document, dict) else {}


def _changed(
    document: Any, path: tuple[str, ...], change: Callable[[dict[str, Any]], dict[str, Any]]
) -> Any:
    """A copy with the object at `path`, where there is one, changed."""
    if not isinstance(document, dict):
        return document
    if not path:
        return change(document)
    key, *below = path
    if key not in document:
        return document
    return {**document, key: _changed(document[key], tuple(below), change)}
