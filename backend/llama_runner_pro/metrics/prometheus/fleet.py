"""Every computer that a Prometheus-compatible store has seen in the last day."""

from __future__ import annotations

import asyncio
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
    from collections.abc import Callable, Iterable, Mapping

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
        self._asking = asyncio.Lock()

    async def hosts(self) -> Fleet:
        """The present moment. An unreachable store leaves this computer, and the reason."""
        async with self._asking:
            now_s = self._clock.monotonic()
            if self._latest is None or now_s - self._latest[0] >= _SHARED_S:
                fleet = await self._ask()
                self._latest = (self._clock.monotonic(), fleet)
            return self._latest[1]

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
        # What is counted comes in one pass, with a row for each state that is in use.
        states = f"count by ({label},state) ({self._all(STATE)}==1)"
        alarms = self._all(ALERTS, 'severity=~"critical|warning"')
        return together(
            [
                *((tag, f"max by ({label}) ({text})") for tag, text in greatest.items()),
                ("state", states),
                ("alerts", f"sum by ({label},severity) ({alarms})"),
                ("build", f"max by ({label},version) ({self._all(BUILD)})"),
            ]
        )

    def _all(self, metric: str, more: str = "") -> str:
        return selected(metric, {}, ",".join(filter(None, (self._store.spec.selector, more))))


class _Rows:
    """What the store says of one host."""

    def __init__(self) -> None:
        self.numbers: dict[str, float] = {}
        self.states: dict[str, int] = {}
        self.alerts: dict[str, int] = {}
        self.version: str | None = None

    def take(self, labels: Mapping[str, str], value: float) -> None:
        tag = labels.get(TAG, "")
        if tag == "state":
            self.states[labels.get("state", "")] = round(value)
        elif tag == "alerts":
            self.alerts[labels.get("severity", "")] = round(value)
        elif tag == "build":
            self.version = max(labels.get("version", ""), self.version or "") or None
        else:
            self.numbers[tag] = value

    def facts(self, host: str) -> HostFacts:
        seen_s = self.numbers.get("seen")
        return HostFacts(
            host=host,
            up="up" in self.numbers,
            last_seen_ms=None if seen_s is None else round(seen_s * 1000),
            cpu_usage_pct=self.numbers.get("cpu"),
            memory_usage_pct=self.numbers.get("memory"),
            gpu_utilization_pct=self.numbers.get("gpu"),
            gpu_memory_usage_pct=self.numbers.get("gpu_memory"),
            endpoints_total=sum(self.states.values()),
            endpoints_online=self._count(SERVING),
            endpoints_failed=self._count({State.FAILED}),
            endpoints_impaired=self._count(IMPAIRED),
            alerts_critical=self.alerts.get("critical"),
            alerts_warning=self.alerts.get("warning"),
            version=self.version,
        )

    def _count(self, states: Iterable[State]) -> int:
        return sum(self.states.get(str(state), 0) for state in states)


def _facts(rows: Iterable[Row], label: str) -> list[HostFacts]:
    found: dict[str, _Rows] = {}
    for row in rows:
        host, value = row.metric.get(label), row.value
        if host and value is not None and math.isfinite(number := float(value[1])):
            found.setdefault(host, _Rows()).take(row.metric, number)
    return [known.facts(host) for host, known in found.items()]
