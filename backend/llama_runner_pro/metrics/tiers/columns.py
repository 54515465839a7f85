"""Points of one series at an even step: least, mean, most and count, four bytes each. Pure.

Four-byte floats hold seven digits, which is more than any sensor gives; larger figures, such as
bytes of memory, are off by at most a ten-millionth.
"""

from __future__ import annotations

import math
import zlib
from array import array
from operator import mul

from msgspec import Struct, field

NAN = math.nan
_LEVEL = 6


class Columns(Struct):
    """`count` 0 means that there is no sample; the other columns then hold NaN."""

    start_ms: int
    step_ms: int
    avg: array[float] = field(default_factory=lambda: array("f"))
    min: array[float] = field(default_factory=lambda: array("f"))
    max: array[float] = field(default_factory=lambda: array("f"))
    count: array[int] = field(default_factory=lambda: array("I"))

    def __len__(self) -> int:
        """How many points."""
        return len(self.count)

    @property
    def end_ms(self) -> int:
        """Where the next point would begin."""
        return self.start_ms + len(self.count) * self.step_ms


def empty(start_ms: int, step_ms: int, points: int) -> Columns:
    """As many points without a sample."""
    none = array("f", [NAN]) * points
    return Columns(start_ms, step_ms, none, none[:], none[:], array("I", [0]) * points)


class Tally:
    """Adds up points of any finer step into even buckets from `start_ms` on."""

    def __init__(self, start_ms: int, step_ms: int, buckets: int) -> None:
        self._start_ms, self._step_ms, self._buckets = start_ms, step_ms, buckets
        self._sum = [0.0] * buckets
        self._count = [0] * buckets
        self._min = [math.inf] * buckets
        self._max = [-math.inf] * buckets

    def add(self, t_ms: int, avg: float, least: float, most: float, count: int) -> None:
        """One point; outside of all buckets it is left out."""
        at = (t_ms - self._start_ms) // self._step_ms
        if not count or not 0 <= at < self._buckets:
            return
        self._sum[at] += avg * count
        self._count[at] += count
        if least < self._min[at]:
            self._min[at] = least
        if most > self._max[at]:
            self._max[at] = most

    def add_columns(self, points: Columns, from_ms: int, to_ms: int) -> None:
        """Every point from `from_ms` until before `to_ms`; whole buckets at a time."""
        step_ms = points.step_ms
        first = max(0, -(-(max(from_ms, self._start_ms) - points.start_ms) // step_ms))
        end_ms = min(to_ms, self._start_ms + self._buckets * self._step_ms)
        last = min(len(points), -(-(end_ms - points.start_ms) // step_ms))
        while first < last:
            t_ms = points.start_ms + first * step_ms
            at = (t_ms - self._start_ms) // self._step_ms
            edge_ms = self._start_ms + (at + 1) * self._step_ms
            until = min(last, first + max(1, -(-(edge_ms - t_ms) // step_ms)))
            self._add_slice(at, points, first, until)
            first = until

    def _add_slice(self, at: int, points: Columns, first: int, last: int) -> None:
        counts = points.count[first:last]
        total = sum(counts)
        if not total:
            return
        if min(counts):
            self._sum[at] += sum(map(mul, points.avg[first:last], counts))
            self._count[at] += total
            self._min[at] = min(self._min[at], min(points.min[first:last]))
            self._max[at] = max(self._max[at], max(points.max[first:last]))
            return
        for one in range(first, last):
            t_ms = points.start_ms + one * points.step_ms
            count = points.count[one]
            self.add(t_ms, points.avg[one], points.min[one], points.max[one], count)

    def columns(self) -> Columns | None:
        """The buckets; None when none of them holds a sample."""
        if not any(self._count):
            return None
        found = empty(self._start_ms, self._step_ms, self._buckets)
        for at, count in enumerate(self._count):
            if count:
                # A mean of equal four-byte floats must not leave their range by rounding.
                mean = min(max(self._sum[at] / count, self._min[at]), self._max[at])
                found.avg[at], found.count[at] = mean, count
                found.min[at], found.max[at] = self._min[at], self._max[at]
        return found


def fuller(one: Columns, other: Columns) -> Columns:
    """Of two records of the same time, each point from the one with more samples."""
    found = Columns(one.start_ms, one.step_ms, one.avg[:], one.min[:], one.max[:], one.count[:])
    for at in range(min(len(one), len(other))):
        if other.count[at] > one.count[at]:
            found.avg[at], found.min[at] = other.avg[at], other.min[at]
            found.max[at], found.count[at] = other.max[at], other.count[at]
    return found


def packed(points: Columns) -> bytes:
    """Like bytes lie together, so that they compress to about half."""
    planes = bytearray()
    for column in (points.avg, points.min, points.max, points.count):
        raw = column.tobytes()
        for byte in range(4):
            planes += raw[byte::4]
    return zlib.compress(planes, _LEVEL)


def unpacked(blob: bytes, start_ms: int, step_ms: int) -> Columns:
    """What `packed` was given. Raises ValueError for bytes that are damaged."""
    try:
        planes = zlib.decompress(blob)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    points, odd = divmod(len(planes), 16)
    if odd:
        raise ValueError("a window of the history has a wrong length")
    raw = bytearray(len(planes))
    for column in range(4):
        for byte in range(4):
            at = (column * 4 + byte) * points
            begin = column * 4 * points + byte
            raw[begin : (column + 1) * 4 * points : 4] = planes[at : at + points]
    found = Columns(start_ms, step_ms)
    view = memoryview(raw)
    parts = [view[at * 4 * points : (at + 1) * 4 * points] for at in range(4)]
    for target, part in zip((found.avg, found.min, found.max), parts, strict=False):
        target.frombytes(part)
    found.count.frombytes(parts[3])
    return found
