"""Every computer that a Prometheus-compatible store has seen in the last day."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import TYPE_CHECKING

from llama_runner_pro.core.errors import StoreUnavailable
from llama_runner_pro.endpoints.states import SERVING, State
from llama_runner_pro.metrics.fleet import (
    IMPAIRED,
    Fleet,
    HostFacts,
    judged,
    own_facts,
    worst_first,
)
from llama_runner_pro.metrics.prometheus.families import ALERTS, BUILD, SAMPLED_AT, STATE, UP
from llama_runner_pro.metrics.prometheus.names import metric_of
from llama_runner_pro.metrics.prometheus.promql import TAG, selected, together

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.metrics.prometheus.families import Told
    from llama_runner_pro.metrics.prometheus.own_host import OwnHost
    from llama_runner_pro.metrics.prometheus.store import Row, Store

_SHARED_S = 2.0
"""Many pages that ask at once get one answer."""
_LOOK_BACK = "1d"
_NOTHING = (
    "the store has nothing of LlamaRunner Pro: let it scrape /metrics of each sidecar, and see "
    "whether history.prometheus.host_label and selector fit its series"
)


class PrometheusFleet:
    """Satisfies `fleet.FleetSource`: one query for all computers, however many there are."""

    def __init__(self, store: Store, own: OwnHost, clock: Clock, told: Callable[[], Told]) -> None:
        self._store = store
        self._own = own
        self._clock = clock
        self._told = told
        self._latest: tuple[float, Fleet] | None = None

    async def hosts(self) -> Fleet:
        """The present moment. An unreachable store leaves this computer, and the reason."""
        now_s = self._clock.monotonic()
        if self._latest is not None and now_s - self._latest[0] < _SHARED_S:
            return self._latest[1]
        fleet = await self._ask()
        self._latest = (now_s, fleet)
        return fleet

    async def _ask(self) -> Fleet:
        now_ms = self._clock.wall_ms()
        this_host = self._own.hostname
        try:
            rows = await self._store.at(self._query(), now_ms)
        except StoreUnavailable as error:
            alone = judged(own_facts(self._told(), this_host), now_ms)
            return Fleet(
                backend="prometheus",
                this_host=this_host,
                available=False,
                reason=f"{error}. {error.hint[:1].upper()}{error.hint[1:]}.",
                hosts=[alone],
            )
        found = [judged(facts, now_ms) for facts in _facts(rows, self._store.spec.host_label)]
        reason = None if found else _NOTHING
        with suppress(StoreUnavailable):
            this_host = await self._own.name()
        if this_host not in {one.host for one in found}:
            found.append(judged(own_facts(self._told(), this_host), now_ms))
        return Fleet(
            backend="prometheus", this_host=this_host, reason=reason, hosts=worst_first(found)
        )

    def _query(self) -> str:
        label = self._store.spec.host_label
        seen = f"last_over_time({self._all(SAMPLED_AT)}[{_LOOK_BACK}])"
        used, size = (
            self._all(metric_of(f"gpu_memory_{part}_bytes").metric) for part in ("used", "total")
        )
        greatest = {
            "seen": seen,
            "up": self._all(UP),
            "cpu": self._all(metric_of("cpu_usage_pct").metric),
            "memory": self._all(metric_of("memory_usage_pct").metric),
            "gpu": self._all(metric_of("gpu_utilization_pct").metric),
            "gpu_memory": f"100*{used}/{size}",
        }
        summed = {
            "total": self._all(STATE),
            "online": self._all(STATE, _one_of(SERVING)),
            "failed": self._all(STATE, _one_of({State.FAILED})),
            "impaired": self._all(STATE, _one_of(IMPAIRED)),
            "critical": self._all(ALERTS, 'severity="critical"'),
            "warning": self._all(ALERTS, 'severity="warning"'),
        }
        return together(
            [
                *((tag, f"max by ({label}) ({text})") for tag, text in greatest.items()),
                *((tag, f"sum by ({label}) ({text})") for tag, text in summed.items()),
                ("build", f"max by ({label},version) ({self._all(BUILD)})"),
            ]
        )

    def _all(self, metric: str, more: str = "") -> str:
        return selected(metric, {}, ",".join(filter(None, (self._store.spec.selector, more))))


def _one_of(states: Iterable[State]) -> str:
    return f'state=~"{"|".join(sorted(states))}"'


def _facts(rows: Iterable[Row], label: str) -> list[HostFacts]:
    numbers: dict[str, dict[str, float]] = {}
    versions: dict[str, str] = {}
    for row in rows:
        host, value = row.metric.get(label), row.value
        if not host or value is None or not math.isfinite(float(value[1])):
            continue
        tag = row.metric.get(TAG, "")
        if tag == "build":
            versions[host] = max(row.metric.get("version", ""), versions.get(host, ""))
        numbers.setdefault(host, {})[tag] = float(value[1])
    return [_of_host(host, found, versions.get(host)) for host, found in numbers.items()]


def _of_host(host: str, found: dict[str, float], version: str | None) -> HostFacts:
    def count(tag: str) -> int:
        return round(found.get(tag, 0.0))

    def counted(tag: str) -> int | None:
        return round(found[tag]) if tag in found else None

    return HostFacts(
        host=host,
        up="up" in found,
        last_seen_ms=round(found["seen"] * 1000) if "seen" in found else None,
        cpu_usage_pct=found.get("cpu"),
        memory_usage_pct=found.get("memory"),
        gpu_utilization_pct=found.get("gpu"),
        gpu_memory_usage_pct=found.get("gpu_memory"),
        endpoints_total=count("total"),
        endpoints_online=count("online"),
        endpoints_failed=count("failed"),
        endpoints_impaired=count("impaired"),
        alerts_critical=counted("critical"),
        alerts_warning=counted("warning"),
        version=version or None,
    )
