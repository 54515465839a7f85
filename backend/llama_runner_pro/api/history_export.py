"""A range of the past as CSV or JSON, a part at a time, so that memory stays bounded."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import msgspec

from llama_runner_pro.core.moments import iso

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence

    from llama_runner_pro.metrics.ranges import HistoryRange, PastSeries, SeriesRange

_ROWS = 200_000
_VALUES = 4_000_000
_PART_VALUES = 64_000
"""Values that are held at once."""
_COLUMNS = ("avg", "min", "max", "count")


def most_rows(series: int) -> int:
    """Rows that one file may have with this many series."""
    return max(1_000, min(_ROWS, _VALUES // max(1, series)))


class Export:
    """One file. `open` first; then one of the two formats, once.

    The store is asked part by part; where it only holds coarser points, rows are further apart.
    Rows without any value are left out. Cancelling is safe.
    """

    def __init__(
        self,
        past: PastSeries,
        names: Sequence[str],
        from_ms: int,
        to_ms: int,
        step_ms: int,
        host: str | None,
    ) -> None:
        self._past, self._names, self._host = past, names, host
        self._from_ms, self._to_ms, self._step_ms = from_ms, to_ms, step_ms
        self._next_ms = from_ms
        self._part: HistoryRange | None = None
        rows = max(10, min(5_000, _PART_VALUES // max(1, len(names))))
        self._part_ms = rows * step_ms

    async def open(self) -> None:
        """Read the first part. Raises HistoryOff and StoreUnavailable."""
        self._part = await self._read()

    async def as_csv(self) -> AsyncIterator[bytes]:
        """A heading, then a row per bucket: time, t_ms, and four columns per series."""
        head = [f"{name} {column}" for name in self._names for column in _COLUMNS]
        yield _csv([["time", "t_ms", *(_harmless(cell) for cell in head)]])
        async for part in self._parts():
            columns = self._columns(part)
            rows = [
                [iso(t_ms), t_ms, *(cell for column in columns for cell in _cells(column, at))]
                for at, t_ms in _filled(part)
            ]
            if rows:
                yield _csv(rows)

    async def as_json(self) -> AsyncIterator[bytes]:
        """One document: `series` says what they are, `points` holds a row per bucket."""
        first = self._part
        about = [
            {"name": one.name, "unit": one.unit, "label": one.label, "group": one.group}
            for one in (first.series if first else ())
        ]
        head = msgspec.json.encode(
            {"from_ms": self._from_ms, "to_ms": self._to_ms, "series": about}
        )
        yield head[:-1] + b',"points":['
        begun = False
        async for part in self._parts():
            rows = [msgspec.json.encode(self._row(part, at, t_ms)) for at, t_ms in _filled(part)]
            if rows:
                yield (b",\n" if begun else b"\n") + b",\n".join(rows)
                begun = True
        yield b"\n]}\n"

    def _row(self, part: HistoryRange, at: int, t_ms: int) -> dict[str, object]:
        values = {
            one.name: dict(zip(_COLUMNS, _cells(one, at), strict=True))
            for one in part.series
            if one.count[at]
        }
        return {"time": iso(t_ms), "t_ms": t_ms, "values": values}

    def _columns(self, part: HistoryRange) -> list[SeriesRange | None]:
        by_name = {one.name: one for one in part.series}
        return [by_name.get(name) for name in self._names]

    async def _parts(self) -> AsyncIterator[HistoryRange]:
        while self._part is not None:
            yield self._part
            self._part = await self._read() if self._next_ms < self._to_ms else None

    async def _read(self) -> HistoryRange:
        from_ms = self._next_ms
        # Parts meet where buckets do, so that no bucket is told twice.
        edge_ms = (from_ms + self._part_ms) // self._part_ms * self._part_ms
        to_ms = self._next_ms = min(edge_ms, self._to_ms)
        points = max(1, -(-(to_ms - from_ms) // self._step_ms))
        return await self._past.query(self._names, from_ms, to_ms, points, self._host)


def _filled(part: HistoryRange) -> Iterator[tuple[int, int]]:
    for at, t_ms in enumerate(part.t_ms):
        if any(one.count[at] for one in part.series):
            yield at, t_ms


def _cells(column: SeriesRange | None, at: int) -> tuple[object, ...]:
    if column is None:
        return (None, None, None, 0)
    return column.avg[at], column.min[at], column.max[at], column.count[at]


def _csv(rows: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


def _harmless(cell: str) -> str:
    """A heading that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t"} else cell
