"""Answering a question from the file: the tier that fits, its newest part from finer ones.

Blocking; works on a reader's connection, in one transaction, so that a writer beside it changes
nothing in between.
"""

from __future__ import annotations

import math
from itertools import chain
from typing import TYPE_CHECKING

from msgspec import Struct

from llama_runner_pro.metrics.ranges import HistoryMark, HistoryRange, SeriesRange, SeriesSeen
from llama_runner_pro.metrics.tiers.columns import Columns, Tally, empty
from llama_runner_pro.metrics.tiers.plan import chosen, step_for
from llama_runner_pro.metrics.tiers.registry import layout_of
from llama_runner_pro.metrics.tiers.row import unpacked_row
from llama_runner_pro.metrics.tiers.sealing import read_windows, sealed_until

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from llama_runner_pro.metrics.tiers.plan import Tier

MOST_MARKS = 500
SLOWEST_MS = 10_000
"""While nobody watches, samples are this far apart."""
_MISSED = 3
"""So many rhythms without a sample are a gap, as for a stale figure."""
_DIGITS = 7


class _Found(Struct):
    """One series and its buckets; None without any sample."""

    name: str
    unit: str
    label: str
    group: str
    columns: Columns | None


def read_range(
    connection: sqlite3.Connection,
    tiers: Sequence[Tier],
    names: Sequence[str],
    from_ms: int,
    to_ms: int,
    points: int,
    now_ms: int,
) -> HistoryRange:
    """At most `points` buckets. Raises sqlite3.Error, and ValueError for damaged content."""
    connection.execute("BEGIN")
    try:
        at = chosen(tiers, from_ms, now_ms, (to_ms - from_ms) / points)
        step_ms = step_for(tiers[at], from_ms, to_ms, points)
        start_ms = from_ms // step_ms * step_ms
        buckets = -(-to_ms // step_ms) - start_ms // step_ms
        reader = _Reader(connection, tiers, at, start_ms, step_ms, buckets)
        found, unknown = reader.series(names)
        marks = read_marks(connection, from_ms, to_ms)
    finally:
        connection.execute("COMMIT")
    rhythm_ms = max(step_ms, reader.every_ms if at == 0 else SLOWEST_MS)
    kept = _without_empty([one.columns for one in found], buckets, rhythm_ms // step_ms)
    return HistoryRange(
        backend="embedded",
        host=None,
        from_ms=from_ms,
        to_ms=to_ms,
        step_ms=step_ms,
        tier=tiers[at].name,
        t_ms=[start_ms + bucket * step_ms for bucket in kept],
        series=[_shown(one, kept) for one in found],
        unknown=unknown,
        events=marks,
    )


def read_marks(connection: sqlite3.Connection, from_ms: int, to_ms: int) -> list[HistoryMark]:
    """What happened, oldest first; the newest of very many."""
    rows = connection.execute(
        "SELECT t_ms, kind, endpoint, words, incident_id FROM marks"
        " WHERE t_ms >= ? AND t_ms <= ? ORDER BY t_ms DESC, id DESC LIMIT ?",
        (from_ms, to_ms, MOST_MARKS),
    )
    return [HistoryMark(*row) for row in rows][::-1]


def read_series(connection: sqlite3.Connection) -> list[SeriesSeen]:
    """Every series, by name."""
    newest = connection.execute(
        "SELECT t_ms, series FROM finest JOIN layout ON layout = layout.id"
        " ORDER BY t_ms DESC LIMIT 1"
    ).fetchone()
    live = set(layout_of(newest[1])) if newest else set()
    rows = connection.execute(
        "SELECT id, name, unit, label, grouped, first_ms, last_ms FROM series ORDER BY name"
    )
    return [
        SeriesSeen(
            name,
            unit,
            label,
            group,
            first_ms,
            max(last_ms, newest[0]) if number in live else last_ms,
        )
        for number, name, unit, label, group, first_ms, last_ms in rows
    ]


class _Reader:
    """Reads series from one tier on: its sealed part, and what is newer from finer tiers."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        tiers: Sequence[Tier],
        at: int,
        start_ms: int,
        step_ms: int,
        buckets: int,
    ) -> None:
        self._connection = connection
        self._start_ms, self._step_ms, self._buckets = start_ms, step_ms, buckets
        self._end_ms = start_ms + buckets * step_ms
        self._parts: list[tuple[Tier, int, int]] = []
        self.every_ms = tiers[0].step_ms
        """The slowest rhythm among the rows of the finest tier that were read."""
        next_ms = start_ms
        for tier in reversed(tiers[1 : at + 1]):
            until_ms = min(sealed_until(connection, tier) or 0, self._end_ms)
            if until_ms > next_ms:
                self._parts.append((tier, next_ms, until_ms))
                next_ms = until_ms
        self._finest_from_ms = next_ms

    def series(self, names: Sequence[str]) -> tuple[list[_Found], list[str]]:
        """Those that are known, in the order asked for, and the names of the others."""
        tallies: dict[int, Tally] = {}
        found: list[tuple[int, _Found]] = []
        unknown: list[str] = []
        for name in names:
            query = "SELECT id, unit, label, grouped FROM series WHERE name = ?"
            row = self._connection.execute(query, (name,)).fetchone()
            if row is None:
                unknown.append(name)
                continue
            number, unit, label, group = row
            tallies[number] = Tally(self._start_ms, self._step_ms, self._buckets)
            found.append((number, _Found(name, unit, label, group, None)))
            for tier, from_ms, to_ms in self._parts:
                for columns in read_windows(self._connection, tier, number, from_ms, to_ms):
                    tallies[number].add_columns(columns, from_ms, to_ms)
        self._add_finest(tallies)
        for number, one in found:
            one.columns = tallies[number].columns()
        return [one for _, one in found], unknown

    def _add_finest(self, tallies: dict[int, Tally]) -> None:
        rows = self._connection.execute(
            "SELECT t_ms, every_ms, layout, content FROM finest WHERE t_ms >= ? AND t_ms < ?"
            " ORDER BY t_ms",
            (self._finest_from_ms, self._end_ms),
        )
        layouts: dict[int, tuple[int, list[tuple[int, Tally]]]] = {}
        for t_ms, every_ms, layout, content in rows:
            if layout not in layouts:
                layouts[layout] = self._layout(layout, tallies)
            width, places = layouts[layout]
            row = unpacked_row(content, width)
            self.every_ms = max(self.every_ms, every_ms)
            for at, tally in places:
                tally.add(t_ms, row.avg[at], row.min[at], row.max[at], row.counted(at))

    def _layout(
        self, number: int, tallies: dict[int, Tally]
    ) -> tuple[int, list[tuple[int, Tally]]]:
        query = "SELECT series FROM layout WHERE id = ?"
        order = layout_of(self._connection.execute(query, (number,)).fetchone()[0])
        return len(order), [(at, tallies[one]) for at, one in enumerate(order) if one in tallies]


def _without_empty(columns: Sequence[Columns | None], buckets: int, rhythm: int) -> list[int]:
    """The buckets to show: those with a sample, and all of every stretch that misses several."""
    filled = [False] * buckets
    for one in columns:
        for at, count in enumerate(one.count if one is not None else ()):
            if count:
                filled[at] = True
    kept: list[int] = []
    last = -_MISSED * rhythm - 1
    for at in chain((at for at in range(buckets) if filled[at]), (buckets,)):
        if at - last > _MISSED * rhythm:
            kept += range(max(last + 1, 0), at)
        kept.append(at)
        last = at
    return kept[:-1]


def _shown(one: _Found, kept: Sequence[int]) -> SeriesRange:
    columns = one.columns or empty(0, 1, kept[-1] + 1 if kept else 0)
    return SeriesRange(
        name=one.name,
        unit=one.unit,
        label=one.label,
        group=one.group,
        avg=[_plain(columns.avg[at]) for at in kept],
        min=[_plain(columns.min[at]) for at in kept],
        max=[_plain(columns.max[at]) for at in kept],
        count=[columns.count[at] for at in kept],
    )


def _plain(value: float) -> float | None:
    """Without the digits that four bytes do not hold."""
    return None if math.isnan(value) else float(f"{value:.{_DIGITS}g}")
