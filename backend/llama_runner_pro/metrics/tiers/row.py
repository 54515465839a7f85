"""One step of the finest resolution: the values of all series together. Pure."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from msgspec import Struct

from llama_runner_pro.metrics.tiers.columns import NAN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llama_runner_pro.metrics.model import Value

MOST_COUNTED = 255


class Point(Struct):
    """One series within one step."""

    total: float
    count: int
    min: float
    max: float

    def add(self, other: Point) -> None:
        """Take another point of the same time in."""
        self.total += other.total
        self.count += other.count
        self.min = min(self.min, other.min)
        self.max = max(self.max, other.max)


class Row:
    """Collects the samples of one step, by the number of their series."""

    def __init__(self, t_ms: int, every_ms: int) -> None:
        self.t_ms = t_ms
        self.every_ms = every_ms
        """Time until the next sample was due."""
        self.points: dict[int, Point] = {}

    def add_sample(self, values: Mapping[int, Value], every_ms: int) -> None:
        """One more sample of all series."""
        self.every_ms = every_ms
        for series, value in values.items():
            if value is None:
                continue
            point = self.points.get(series)
            if point is None:
                self.points[series] = Point(value, 1, value, value)
            else:
                point.add(Point(value, 1, value, value))

    def merge(self, other: Row) -> None:
        """Take in another record of the same step."""
        for series, point in other.points.items():
            if series in self.points:
                self.points[series].add(point)
            else:
                self.points[series] = point

    def packed(self, series: Sequence[int]) -> bytes:
        """The values in this order; least, most and counts only where there are several samples."""
        points = [self.points.get(one) for one in series]
        avg = array("f", [NAN if point is None else point.total / point.count for point in points])
        if all(point is None or point.count == 1 for point in points):
            return avg.tobytes()
        least = array("f", [NAN if point is None else point.min for point in points])
        most = array("f", [NAN if point is None else point.max for point in points])
        counts = bytes(0 if point is None else min(point.count, MOST_COUNTED) for point in points)
        return avg.tobytes() + least.tobytes() + most.tobytes() + counts


class PackedRow(Struct):
    """A row as it was read; values by their place in the layout."""

    avg: array[float]
    min: array[float]
    max: array[float]
    count: bytes | None

    def counted(self, at: int) -> int:
        """Samples of the series at this place."""
        value = self.avg[at]
        if value != value:
            return 0
        return 1 if self.count is None else self.count[at]


def unpacked_row(blob: bytes, series: int) -> PackedRow:
    """What `Row.packed` made of this many series. Raises ValueError for another length."""
    wide = 4 * series
    avg = array("f")
    if len(blob) == wide:
        avg.frombytes(blob)
        return PackedRow(avg, avg, avg, None)
    if len(blob) != 3 * wide + series:
        raise ValueError("a row of the history has a wrong length")
    least, most = array("f"), array("f")
    avg.frombytes(blob[:wide])
    least.frombytes(blob[wide : 2 * wide])
    most.frombytes(blob[2 * wide : 3 * wide])
    return PackedRow(avg, least, most, blob[3 * wide :])


def row_of(t_ms: int, every_ms: int, blob: bytes, series: Sequence[int]) -> Row:
    """A packed row, to be added to."""
    row, packed = Row(t_ms, every_ms), unpacked_row(blob, len(series))
    for at, one in enumerate(series):
        count = packed.counted(at)
        if count:
            row.points[one] = Point(packed.avg[at] * count, count, packed.min[at], packed.max[at])
    return row
