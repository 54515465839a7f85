"""Which resolutions there are, how they build on each other, and what they cost. Pure."""

from __future__ import annotations

from math import lcm
from typing import TYPE_CHECKING

from llama_runner_pro.config.monitoring import TierSpec
from llama_runner_pro.core.value_object import ValueObject

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

MOST_SERIES = 2_000
"""More are not recorded: a name that changes all the time must not fill the disk."""
POINT_BYTES = 8.0
"""Measured, a point of one series in a sealed window, with all that SQLite adds."""
ROW_BYTES = 4.3
"""Measured, one value in the finest resolution."""
_WINDOW_POINTS = 360
_SOURCE_SHARE = 4


class Tier(ValueObject, frozen=True):
    """One resolution. All but the finest are sealed a window at a time."""

    name: str
    step_ms: int
    keep_ms: int
    window_ms: int
    """Sealed windows begin at multiples of it."""


def tiers_of(specs: Sequence[TierSpec]) -> tuple[Tier, ...]:
    """Finest first. A window is a multiple of the finer one's, and short beside what that keeps,
    so that it is made before its source is forgotten."""
    found: list[Tier] = []
    for spec in specs:
        step_ms, keep_ms = spec.step_s * 1000, spec.keep_s * 1000
        window_ms = step_ms
        if found:
            finer = found[-1]
            longest_ms = min(_WINDOW_POINTS * step_ms, finer.keep_ms // _SOURCE_SHARE)
            unit_ms = lcm(step_ms, finer.window_ms)
            window_ms = max(longest_ms // unit_ms * unit_ms, step_ms)
        found.append(Tier(name_of(spec.step_s), step_ms, keep_ms, window_ms))
    return tuple(found)


def name_of(step_s: int) -> str:
    """`10s`, `15m`, `1h`, `1d`."""
    for unit, seconds in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if step_s % seconds == 0:
            return f"{step_s // seconds}{unit}"
    return f"{step_s}s"


def estimated_bytes(tiers: Sequence[Tier], series: int) -> int:
    """What the file takes once every resolution is full with this many series."""
    finest, *coarser = tiers
    rows = finest.keep_ms // finest.step_ms * (ROW_BYTES * series + 30)
    points = sum(tier.keep_ms // tier.step_ms for tier in coarser)
    return round(rows + points * series * POINT_BYTES)


def chosen(tiers: Sequence[Tier], from_ms: int, now_ms: int, wanted_step_ms: float) -> int:
    """The place of the coarsest tier that is fine enough, or of the finest that reaches back."""
    fit = max((at for at, tier in enumerate(tiers) if tier.step_ms <= wanted_step_ms), default=0)
    reaching = (
        at for at, tier in enumerate(tiers) if at >= fit and from_ms >= now_ms - tier.keep_ms
    )
    return next(reaching, len(tiers) - 1)


def step_for(tier: Tier, from_ms: int, to_ms: int, points: int) -> int:
    """The shortest multiple of the tier's step that needs at most `points` buckets."""
    step_ms = max(1, -(-(to_ms - from_ms) // (points * tier.step_ms))) * tier.step_ms
    while -(-to_ms // step_ms) - from_ms // step_ms > points:
        step_ms += tier.step_ms
    return step_ms


def write_tiers(connection: sqlite3.Connection, tiers: Sequence[Tier]) -> None:
    """Note in the file how it is divided, for those who read it without our configuration."""
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("DELETE FROM tiers")
    rows = [(tier.step_ms, tier.keep_ms // 1000) for tier in tiers]
    connection.executemany("INSERT INTO tiers (step_ms, keep_s) VALUES (?, ?)", rows)
    connection.execute("COMMIT")


def read_tiers(connection: sqlite3.Connection) -> tuple[Tier, ...]:
    """How a file is divided."""
    rows = connection.execute("SELECT step_ms, keep_s FROM tiers ORDER BY step_ms")
    return tiers_of([TierSpec(step_s=step_ms // 1000, keep_s=keep_s) for step_ms, keep_s in rows])
