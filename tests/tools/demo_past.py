"""A made-up past, and made-up other computers, for `demo_feed`."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

from llama_runner_pro.core.errors import HistoryOff
from llama_runner_pro.metrics.fleet import Fleet, HostView
from llama_runner_pro.metrics.ranges import (
    HistoryMark,
    HistoryRange,
    HistoryStats,
    SeriesRange,
    SeriesSeen,
    TierStats,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from llama_runner_pro.metrics.model import Field, Value

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
THIS_HOST = "workstation"
_NOT_RUNNING = (20, 23)
"""Hours of the day in which the sidecar was off: a hole in every chart."""
_TIERS = ((1, 3_600), (10, 86_400), (60, 14 * 86_400), (900, 365 * 86_400))


class DemoPast:
    """Satisfies `PastSeries`: samples a function of time wherever it is asked to."""

    def __init__(
        self, fields: Sequence[Field], sample: Callable[[float], Mapping[str, Value]], *, off: bool
    ) -> None:
        self._fields = {field.name: field for field in fields}
        self._sample = sample
        self._off = off

    async def query(
        self, names: Sequence[str], from_ms: int, to_ms: int, points: int, host: str | None
    ) -> HistoryRange:
        """Buckets, with three hours of every day missing."""
        self._check()
        step_ms = max(1_000, -(-(to_ms - from_ms) // points // 1_000) * 1_000)
        t_ms = list(range(from_ms // step_ms * step_ms, to_ms, step_ms))
        known = [name for name in names if name in self._fields]
        columns = [self._bucket(known, t, step_ms) for t in t_ms]
        series = []
        for at, name in enumerate(known):
            field = self._fields[name]
            avg, low, high, count = ([column[at][part] for column in columns] for part in range(4))
            series.append(
                SeriesRange(name, field.unit, field.label, field.group, avg, low, high, count)  # type: ignore[arg-type]
            )
        return HistoryRange(
            backend="embedded" if host is None else "prometheus",
            host=host,
            from_ms=from_ms,
            to_ms=to_ms,
            step_ms=step_ms,
            tier="1m",
            t_ms=t_ms,
            series=series,
            unknown=[name for name in names if name not in self._fields],
            events=list(_marks(from_ms, to_ms)),
        )

    def _bucket(
        self, names: Sequence[str], t_ms: int, step_ms: int
    ) -> list[tuple[float | None, float | None, float | None, int]]:
        hour = t_ms / HOUR_MS % 24
        if step_ms < DAY_MS and _NOT_RUNNING[0] <= hour < _NOT_RUNNING[1]:
            return [(None, None, None, 0)] * len(names)
        rows = [self._sample((t_ms + step_ms * part / 4) / 1000) for part in range(4)]
        found = []
        for name in names:
            values = [value for row in rows if (value := row.get(name)) is not None]
            if not values:
                found.append((None, None, None, 0))
            else:
                mean = round(sum(values) / len(values), 2)
                found.append((mean, min(values), max(values), len(values)))
        return found

    async def stats(self) -> HistoryStats:
        """A file of some weeks."""
        now = int(time.time() * 1000)
        tiers = [
            TierStats(
                f"{step} s" if step < 60 else f"{step // 60} min", step, keep, 70_000, now - age
            )
            for (step, keep), age in zip(
                _TIERS, (HOUR_MS, DAY_MS, 14 * DAY_MS, 61 * DAY_MS), strict=True
            )
        ]
        return HistoryStats(
            backend="embedded",
            available=not self._off,
            reason="history is switched off in the configuration" if self._off else None,
            file_bytes=38_400_000,
            max_bytes=200_000_000,
            estimated_bytes_full=121_000_000,
            series_count=len(self._fields),
            tiers=tiers,
            set_aside="history.db.damaged-20261101",
        )

    async def series(self, host: str | None = None) -> list[SeriesSeen]:
        """All of them, for every host."""
        self._check()
        now = int(time.time() * 1000)
        return [
            SeriesSeen(one.name, one.unit, one.label, one.group, now - 61 * DAY_MS, now)
            for one in self._fields.values()
        ]

    def _check(self) -> None:
        if self._off:
            raise HistoryOff


def _marks(from_ms: int, to_ms: int) -> Iterator[HistoryMark]:
    """Every seven hours a start, a load, a death and its repair."""
    every_ms = 7 * HOUR_MS
    words = (
        (0, "sidecar_start", None, "LlamaRunner Pro started", None),
        (9_000, "load", "demo", "demo loaded SmolLM2-135M-Instruct.Q4_1", None),
        (HOUR_MS, "offline", "demo", "demo was killed by SIGKILL", "h1"),
        (HOUR_MS + 1_200, "healed", "demo", "demo was healed in 1.2 s", "h1"),
    )
    for start_ms in range(from_ms // every_ms * every_ms, to_ms, every_ms):
        for after_ms, kind, endpoint, text, incident in words:
            if from_ms <= start_ms + after_ms <= to_ms:
                yield HistoryMark(start_ms + after_ms, kind, endpoint, text, incident)  # type: ignore[arg-type]


class DemoFleet:
    """Satisfies `FleetSource`: as many computers as asked for, some of them in trouble."""

    def __init__(self, count: int) -> None:
        self._count = count

    async def hosts(self) -> Fleet:
        """Worst first."""
        rank = {"critical": 0, "warning": 1, "unknown": 2, "ok": 3}
        hosts = sorted((_host(at) for at in range(self._count)), key=lambda one: rank[one.severity])
        return Fleet(backend="prometheus", this_host=THIS_HOST, hosts=hosts)


def _host(number: int) -> HostView:
    chance = random.Random(number)
    now = int(time.time() * 1000)
    name = THIS_HOST if number == 0 else f"gpu-{number:03d}.lab.example"
    total = chance.randint(1, 6)
    load = round(chance.uniform(3, 88), 1)
    plain = {
        "host": name,
        "last_seen_ms": now - 3_000,
        "cpu_usage_pct": load,
        "memory_usage_pct": round(chance.uniform(30, 80), 1),
        "gpu_utilization_pct": round(chance.uniform(0, 99), 1) if number % 5 else None,
        "gpu_memory_usage_pct": round(chance.uniform(20, 88), 1) if number % 5 else None,
        "endpoints_total": total,
        "endpoints_online": total,
        "alerts_active": 0,
        "version": "0.1.0",
    }
    if number % 41 == 7:
        words = ["it has not reported for 4 min"]
        gone = dict.fromkeys(("cpu_usage_pct", "memory_usage_pct"))
        more = {
            "up": False,
            "severity": "critical",
            "problems": words,
            "last_seen_ms": now - 240_000,
        }
        return HostView(**{**plain, **gone, "endpoints_online": 0, **more})  # type: ignore[arg-type]
    if number % 23 == 5:
        words = ["1 model server has failed", "2 alerts are active"]
        worse = {"endpoints_online": total - 1, "endpoints_failed": 1, "alerts_active": 2}
        return HostView(**{**plain, **worse}, up=True, severity="critical", problems=words)  # type: ignore[arg-type]
    if number % 11 == 3:
        words = ["GPU memory is 96.4 % full"]
        full = {"gpu_memory_usage_pct": 96.4}
        return HostView(**{**plain, **full}, up=True, severity="warning", problems=words)  # type: ignore[arg-type]
    return HostView(**plain, up=True, severity="ok")  # type: ignore[arg-type]
