"""The last minutes of every field, in memory."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llama_runner_pro.metrics.model import Snapshot, Value

_NAN = math.nan
_TRIM_ROWS = 60


class RecentHistory:
    """Columns of numbers, one per field, for the last `span_s` seconds and at most `max_rows`.

    Eight bytes per value: 60 fields at one sample per second for 15 min take about half a
    megabyte. A missing value is kept as NaN, which no sensor delivers.
    """

    def __init__(self, span_s: float = 900.0, *, max_rows: int = 9_000) -> None:
        self._span_ms = round(span_s * 1000)
        self._max_rows = max_rows
        self._times_ms: array[int] = array("q")
        self._columns: dict[str, array[float]] = {}

    def append(self, snapshot: Snapshot) -> None:
        """Add one sample. After the wall clock was set back, what lies in its future is dropped."""
        if self._times_ms and self._times_ms[-1] >= snapshot.wall_ms:
            self._forget(bisect_left(self._times_ms, snapshot.wall_ms), len(self._times_ms))
        rows = len(self._times_ms)
        self._times_ms.append(snapshot.wall_ms)
        for name, value in snapshot.values.items():
            column = self._columns.get(name)
            if column is None:
                if value is None:
                    continue
                column = self._columns[name] = array("d", [_NAN]) * rows
            column.append(_NAN if value is None else value)
        for column in self._columns.values():
            if len(column) <= rows:
                column.append(_NAN)
        self._trim(snapshot.wall_ms)

    def since(self, since_ms: int) -> tuple[list[int], dict[str, list[Value]]]:
        """Samples later than `since_ms`: their times and one equally long column per field.

        Fields without any value in that time are left out.
        """
        if not self._times_ms:
            return [], {}
        oldest_ms = self._times_ms[-1] - self._span_ms
        first = bisect_right(self._times_ms, max(since_ms, oldest_ms - 1))
        columns: dict[str, list[Value]] = {}
        for name, column in self._columns.items():
            values = [_plain(value) for value in column[first:]]
            if any(value is not None for value in values):
                columns[name] = values
        return list(self._times_ms[first:]), columns

    def __len__(self) -> int:
        """How many samples are held."""
        return len(self._times_ms)

    def _trim(self, now_ms: int) -> None:
        """Forget old rows; in blocks, because each block moves every column once."""
        expired = bisect_right(self._times_ms, now_ms - self._span_ms - 1)
        surplus = max(expired, len(self._times_ms) - self._max_rows)
        if surplus < _TRIM_ROWS:
            return
        self._forget(0, surplus)
        for name in [n for n, column in self._columns.items() if all(map(math.isnan, column))]:
            del self._columns[name]

    def _forget(self, first: int, last: int) -> None:
        del self._times_ms[first:last]
        for column in self._columns.values():
            del column[first:last]


def _plain(value: float) -> Value:
    """NaN back to None, and whole numbers to int, which is shorter on the wire."""
    if value != value:
        return None
    whole = int(value)
    return whole if whole == value else value
