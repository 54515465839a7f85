"""Several computers at a glance, the worst first. These shapes travel as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from msgspec import Struct

from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.endpoints.states import SERVING, State
from llama_runner_pro.metrics.ranges import Backend

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llama_runner_pro.metrics.prometheus.families import Told

HostSeverity = Literal["critical", "warning", "ok", "unknown"]

IMPAIRED = frozenset({State.OFFLINE, State.HEALING, State.BACKOFF})
"""States that may mend themselves, but in which nobody is served."""
MEMORY_FULL_PCT = 95.0
_RANKS: dict[HostSeverity, int] = {"critical": 0, "warning": 1, "unknown": 2, "ok": 3}
_MINUTE_MS = 60_000


class HostView(Struct, frozen=True, kw_only=True):
    """One computer."""

    host: str
    up: bool
    """Its sidecar tells of itself now."""
    last_seen_ms: int | None = None
    severity: HostSeverity
    problems: list[str] = []
    """In words, the worst first."""
    cpu_usage_pct: float | None = None
    memory_usage_pct: float | None = None
    gpu_utilization_pct: float | None = None
    """Of its busiest card."""
    gpu_memory_usage_pct: float | None = None
    """Of its fullest card."""
    endpoints_total: int = 0
    endpoints_online: int = 0
    endpoints_failed: int = 0
    alerts_active: int | None = None
    version: str | None = None


class Fleet(Struct, frozen=True, kw_only=True):
    """All computers that the store knows."""

    backend: Backend
    this_host: str
    """Which of `hosts` is the one that answers."""
    available: bool = True
    reason: str | None = None
    """Why others than this one are missing, in words."""
    hosts: list[HostView]


class FleetSource(Protocol):
    """Where computers are known. Raises nothing: what is in the way is told in the answer."""

    async def hosts(self) -> Fleet:
        """The present moment, the worst first."""
        ...


class HostFacts(ValueObject, frozen=True, kw_only=True):
    """What is known of one computer, before it is judged. None: nobody tells."""

    host: str
    up: bool
    last_seen_ms: int | None = None
    cpu_usage_pct: float | None = None
    memory_usage_pct: float | None = None
    gpu_utilization_pct: float | None = None
    gpu_memory_usage_pct: float | None = None
    endpoints_total: int = 0
    endpoints_online: int = 0
    endpoints_failed: int = 0
    endpoints_impaired: int = 0
    alerts_critical: int | None = None
    alerts_warning: int | None = None
    version: str | None = None


def judged(facts: HostFacts, now_ms: int) -> HostView:
    """How bad it is, and why. A computer that does not tell is judged by that alone."""
    if facts.up:
        critical, warning = _critical(facts), _warning(facts)
    else:
        critical, warning = [_silence(facts.last_seen_ms, now_ms)], []
    severity: HostSeverity = "critical" if critical else "warning" if warning else "ok"
    if severity == "ok" and facts.last_seen_ms is None:
        severity, warning = "unknown", ["it has not told any measurement yet"]
    counted = (facts.alerts_critical, facts.alerts_warning)
    known = [count for count in counted if count is not None]
    return HostView(
        host=facts.host,
        up=facts.up,
        last_seen_ms=facts.last_seen_ms,
        severity=severity,
        problems=[*critical, *warning],
        cpu_usage_pct=facts.cpu_usage_pct,
        memory_usage_pct=facts.memory_usage_pct,
        gpu_utilization_pct=facts.gpu_utilization_pct,
        gpu_memory_usage_pct=facts.gpu_memory_usage_pct,
        endpoints_total=facts.endpoints_total,
        endpoints_online=facts.endpoints_online,
        endpoints_failed=facts.endpoints_failed,
        alerts_active=sum(known) if known else None,
        version=facts.version,
    )


def worst_first(hosts: Iterable[HostView]) -> list[HostView]:
    """By severity, then what has failed, what alarms, how full it is, and at last by name."""
    return sorted(
        hosts,
        key=lambda one: (
            _RANKS[one.severity],
            -one.endpoints_failed,
            -(one.alerts_active or 0),
            -(one.memory_usage_pct or 0.0),
            one.host,
        ),
    )


def own_facts(told: Told, host: str) -> HostFacts:
    """What this computer knows of itself."""
    values = told.snapshot.values if told.snapshot else {}
    states = [view.state for view in told.views]
    cards = sorted({name.partition("_")[0] for name in values if name.startswith("gpu")})
    used = [values.get(f"{card}_utilization_pct") for card in cards]
    fill = [
        100.0 * held / size
        for card in cards
        if (held := values.get(f"{card}_memory_used_bytes")) is not None
        and (size := values.get(f"{card}_memory_total_bytes"))
    ]
    return HostFacts(
        host=host,
        up=True,
        last_seen_ms=told.snapshot.wall_ms if told.snapshot else None,
        cpu_usage_pct=values.get("cpu_usage_pct"),
        memory_usage_pct=values.get("memory_usage_pct"),
        gpu_utilization_pct=max((use for use in used if use is not None), default=None),
        gpu_memory_usage_pct=max(fill, default=None),
        endpoints_total=len(states),
        endpoints_online=sum(state in SERVING for state in states),
        endpoints_failed=sum(state is State.FAILED for state in states),
        endpoints_impaired=sum(state in IMPAIRED for state in states),
        alerts_critical=told.alerts_active.get("critical"),
        alerts_warning=told.alerts_active.get("warning"),
        version=told.version,
    )


def _critical(facts: HostFacts) -> list[str]:
    problems = []
    if facts.endpoints_failed:
        problems.append(f"{_counted(facts.endpoints_failed, 'endpoint')} failed")
    if facts.alerts_critical:
        problems.append(_counted(facts.alerts_critical, "critical alarm"))
    return problems


def _warning(facts: HostFacts) -> list[str]:
    problems = []
    if facts.endpoints_impaired:
        problems.append(f"{_counted(facts.endpoints_impaired, 'endpoint')} not serving")
    if facts.memory_usage_pct is not None and facts.memory_usage_pct >= MEMORY_FULL_PCT:
        problems.append(f"memory {facts.memory_usage_pct:.0f} % full")
    if facts.alerts_warning:
        problems.append(_counted(facts.alerts_warning, "warning"))
    return problems


def _silence(last_seen_ms: int | None, now_ms: int) -> str:
    if last_seen_ms is None:
        return "does not answer"
    minutes = max(0, now_ms - last_seen_ms) // _MINUTE_MS
    if minutes < 1:
        return "not seen for less than a minute"
    return f"not seen for {minutes} min" if minutes < 120 else f"not seen for {minutes // 60} h"


def _counted(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
