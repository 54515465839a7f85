"""The past of one host of many, read from a Prometheus-compatible store."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from llama_runner_pro.core.errors import StoreUnavailable
from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.metrics.prometheus.describe import described
from llama_runner_pro.metrics.prometheus.families import OWN, SAMPLED_AT
from llama_runner_pro.metrics.prometheus.names import PREFIX, NotAMetric, field_of, metric_of
from llama_runner_pro.metrics.prometheus.promql import TAG, quoted, selected, step_s, together
from llama_runner_pro.metrics.ranges import HistoryRange, HistoryStats, SeriesRange, SeriesSeen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.metrics.model import Field
    from llama_runner_pro.metrics.prometheus.own_host import OwnHost
    from llama_runner_pro.metrics.prometheus.store import Row, Store

DAY_MS = 86_400_000
_KNOWN_SINCE_MS = 30 * DAY_MS
"""How far back it is looked for names that the store has ever seen."""
_STATS = {"avg": "avg", "min": "min", "max": "max", "count": "sum"}
"""What is asked of each bucket, and how several series of one field become one."""
_USUAL_RHYTHM_S = 15.0
_SLOWEST_RHYTHM_S = 300.0
_RHYTHM_ROOM = 1.2
"""Scrapes come a little early or late; a bucket must not miss one for that."""


class _Buckets(ValueObject, frozen=True):
    first_ms: int
    step_ms: int
    count: int

    def starts(self) -> list[int]:
        return [self.first_ms + at * self.step_ms for at in range(self.count)]

    def asked_ms(self, at: int) -> int:
        """The last moment of a bucket: stores look back from there."""
        return self.first_ms + (at + 1) * self.step_ms - 1

    def index(self, time_s: float) -> int:
        return (round(time_s * 1000) - self.first_ms) // self.step_ms


class PrometheusPast:
    """Satisfies `ranges.PastSeries`. All series of a question are one query."""

    def __init__(
        self,
        store: Store,
        own: OwnHost,
        clock: Clock,
        fields: Callable[[], Sequence[Field]],
    ) -> None:
        self._store = store
        self._own = own
        self._clock = clock
        self._fields = fields

    async def query(
        self, names: Sequence[str], from_ms: int, to_ms: int, points: int, host: str | None
    ) -> HistoryRange:
        """Buckets over a range. Raises StoreUnavailable."""
        where = await self._own.name() if host is None else host
        asked = {name: text for name in names if (text := self._selected(name, where)) is not None}
        rhythm_s = await self._rhythm_s(where, to_ms)
        buckets = _buckets(from_ms, to_ms, points, rhythm_s)
        rows = await self._rows(list(asked.values()), buckets) if asked else []
        series = _filled(list(asked), rows, buckets)
        found = {name: one for name, one in series.items() if any(one["count"])}
        missing = {name: text for name, text in asked.items() if name not in found}
        known = await self._known(missing)
        by_name = {field.name: field for field in self._fields()}
        return HistoryRange(
            backend="prometheus",
            host=where,
            from_ms=from_ms,
            to_ms=to_ms,
            step_ms=buckets.step_ms,
            tier="prometheus",
            t_ms=buckets.starts(),
            series=[
                _series(described(name, by_name), columns)
                for name, columns in series.items()
                if name in found or name in known
            ],
            unknown=[name for name in names if name not in found and name not in known],
            events=[],
        )

    async def stats(self) -> HistoryStats:
        """Whether the store answers, and how many series it holds of this computer."""
        try:
            where = await self._own.name()
            query = f"count({self._everything(where)})"
            rows = await self._store.at(query, self._clock.wall_ms())
        except StoreUnavailable as error:
            return HistoryStats(backend="prometheus", available=False, reason=str(error))
        count = next((int(float(row.value[1])) for row in rows if row.value), 0)
        return HistoryStats(backend="prometheus", available=True, series_count=count)

    async def series(self, host: str | None = None) -> list[SeriesSeen]:
        """Every field of a computer that the store has seen in 30 days; None: of this computer.

        Their first and last times are those of the computer: a store keeps no others.
        """
        now_ms = self._clock.wall_ms()
        where = await self._own.name() if host is None else host
        found = await self._store.series(
            [self._everything(where)], now_ms - _KNOWN_SINCE_MS, now_ms
        )
        names = {
            name
            for labels in found
            if labels.get("__name__") not in OWN
            and (name := field_of(labels.get("__name__", ""), labels)) is not None
        }
        first_ms, last_ms = await self._seen_ms(where, now_ms)
        by_name = {field.name: field for field in self._fields()}
        shown = [described(name, by_name) for name in sorted(names)]
        return [
            SeriesSeen(one.name, one.unit, one.label, one.group, first_ms, last_ms) for one in shown
        ]

    def _selected(self, name: str, host: str) -> str | None:
        try:
            found = metric_of(name)
        except NotAMetric:
            return None
        if found.metric in OWN:
            return None
        spec = self._store.spec
        return selected(found.metric, {**dict(found.labels), spec.host_label: host}, spec.selector)

    def _everything(self, host: str) -> str:
        spec = self._store.spec
        ours = f"__name__=~{quoted(f'{PREFIX}.+')}"
        more = f"{ours},{spec.selector}" if spec.selector.strip() else ours
        return selected("", {spec.host_label: host}, more)

    async def _rows(self, selectors: list[str], buckets: _Buckets) -> list[Row]:
        window = f"[{buckets.step_ms // 1000}s]"
        query = together(
            (f"{at}.{stat}", f"{joined}({stat}_over_time({text}{window}))")
            for at, text in enumerate(selectors)
            for stat, joined in _STATS.items()
        )
        last_ms = buckets.asked_ms(buckets.count - 1)
        return await self._store.over(query, buckets.asked_ms(0), last_ms, buckets.step_ms // 1000)

    async def _known(self, missing: dict[str, str]) -> set[str]:
        """Which of the fields without a sample in the range the store has seen at other times."""
        if not missing:
            return set()
        now_ms = self._clock.wall_ms()
        selectors = list(missing.values())
        found = await self._store.series(selectors, now_ms - _KNOWN_SINCE_MS, now_ms)
        names = {field_of(labels.get("__name__", ""), labels) for labels in found}
        return {name for name in missing if name in names}

    async def _rhythm_s(self, host: str, to_ms: int) -> float:
        """Seconds from one sample to the next in the hour before `to_ms`."""
        spec = self._store.spec
        text = selected(SAMPLED_AT, {spec.host_label: host}, spec.selector)
        span = f"max_over_time({text}[1h])-min_over_time({text}[1h])"
        query = f"min(({span})/(count_over_time({text}[1h])-1))"
        rows = await self._store.at(query, min(to_ms, self._clock.wall_ms()))
        found = [number for row in rows if row.value and (number := _number(row.value[1]))]
        return min(max(found[0], 1.0), _SLOWEST_RHYTHM_S) if found else _USUAL_RHYTHM_S

    async def _seen_ms(self, host: str, now_ms: int) -> tuple[int, int]:
        spec = self._store.spec
        text = selected(SAMPLED_AT, {spec.host_label: host}, spec.selector)
        days = f"{_KNOWN_SINCE_MS // DAY_MS}d"
        ends = [("first", "min"), ("last", "max")]
        query = together((tag, f"{end}({end}_over_time({text}[{days}]))") for tag, end in ends)
        rows = await self._store.at(query, now_ms)
        times = {row.metric.get(TAG): _number(row.value[1]) for row in rows if row.value}
        first_s, last_s = times.get("first"), times.get("last")
        return round((first_s or 0) * 1000), round((last_s or 0) * 1000)


def _buckets(from_ms: int, to_ms: int, points: int, rhythm_s: float) -> _Buckets:
    step_ms = step_s(to_ms - from_ms, points, rhythm_s * _RHYTHM_ROOM) * 1000
    first_ms = from_ms // step_ms * step_ms
    return _Buckets(first_ms, step_ms, max(1, -(-(to_ms - first_ms) // step_ms)))


def _filled(
    names: list[str], rows: list[Row], buckets: _Buckets
) -> dict[str, dict[str, list[float | None]]]:
    """Columns of every name, with null wherever the store has nothing."""
    columns: dict[str, dict[str, list[float | None]]] = {
        name: {stat: [None] * buckets.count for stat in _STATS} for name in names
    }
    for row in rows:
        at, _, stat = row.metric.get(TAG, "").partition(".")
        if stat not in _STATS or not at.isdigit() or int(at) >= len(names):
            continue
        name = names[int(at)]
        factor = 1.0 if stat == "count" else metric_of(name).factor
        for index, value in _values(row, buckets):
            columns[name][stat][index] = value / factor
    return columns


def _values(row: Row, buckets: _Buckets) -> Iterator[tuple[int, float]]:
    for time_s, text in row.values:
        index, value = buckets.index(time_s), _number(text)
        if value is not None and 0 <= index < buckets.count:
            yield index, value


def _number(text: str) -> float | None:
    value = float(text)
    return value if math.isfinite(value) else None


def _series(field: Field, columns: dict[str, list[float | None]]) -> SeriesRange:
    return SeriesRange(
        name=field.name,
        unit=field.unit,
        label=field.label,
        group=field.group,
        avg=columns["avg"],
        min=columns["min"],
        max=columns["max"],
        count=[round(count or 0) for count in columns["count"]],
    )
