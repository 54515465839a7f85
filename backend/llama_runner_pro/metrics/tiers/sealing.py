"""Making coarse windows out of finer points, once their time is over. Blocking.

Every tier is made from the finer one before it, so that nothing has to be kept in memory and a
killed process loses nothing that was committed. A time that happened twice, because the clock was
set back, keeps the fuller record of each point.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.metrics.tiers.columns import Tally, fuller, packed, unpacked
from llama_runner_pro.metrics.tiers.registry import layout_of
from llama_runner_pro.metrics.tiers.row import unpacked_row

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from llama_runner_pro.metrics.tiers.columns import Columns
    from llama_runner_pro.metrics.tiers.plan import Tier

Tallies = dict[int, Tally]


def seal(connection: sqlite3.Connection, tiers: Sequence[Tier], head_ms: int) -> bool:
    """Seal the next window that ended by `head_ms`, finest tier first. False: none is due.

    One window at a time, each in a transaction of its own.
    """
    source_until_ms = head_ms
    for at in range(1, len(tiers)):
        finer, tier = tiers[at - 1], tiers[at]
        until_ms = sealed_until(connection, tier)
        start_ms = _next_start(connection, finer, until_ms, finest=at == 1)
        if start_ms is not None:
            end_ms = (start_ms // tier.window_ms + 1) * tier.window_ms
            if end_ms <= source_until_ms:
                start_ms = max(start_ms // tier.window_ms * tier.window_ms, until_ms or 0)
                _seal_window(connection, tiers, at, start_ms, end_ms)
                return True
            # Everything before it is sealed, whether the machine was on all the time or not.
            source_until_ms = min(source_until_ms, start_ms)
    return False


def sealed_until(connection: sqlite3.Connection, tier: Tier) -> int | None:
    """Where a tier's windows end."""
    query = "SELECT until_ms FROM sealed WHERE step_ms = ?"
    found = connection.execute(query, (tier.step_ms,)).fetchone()
    return None if found is None else int(found[0])


def clock_went_back(connection: sqlite3.Connection, tiers: Sequence[Tier], t_ms: int) -> None:
    """Let windows after `t_ms` be sealed again, as their time comes again."""
    for tier in tiers[1:]:
        until_ms = t_ms // tier.window_ms * tier.window_ms
        connection.execute(
            "UPDATE sealed SET until_ms = ? WHERE step_ms = ? AND until_ms > ?",
            (until_ms, tier.step_ms, until_ms),
        )


def read_windows(
    connection: sqlite3.Connection, tier: Tier, series: int, from_ms: int, to_ms: int
) -> list[Columns]:
    """Sealed windows of one series that touch a time. Raises ValueError for damaged ones."""
    rows = connection.execute(
        "SELECT windows.start_ms, content FROM windows JOIN points"
        " ON points.step_ms = windows.step_ms AND points.start_ms = windows.start_ms"
        " WHERE windows.step_ms = ? AND windows.start_ms < ? AND windows.end_ms > ?"
        " AND points.series = ? ORDER BY windows.start_ms",
        (tier.step_ms, to_ms, from_ms, series),
    )
    return [unpacked(content, start_ms, tier.step_ms) for start_ms, content in rows]


def _next_start(
    connection: sqlite3.Connection, finer: Tier, until_ms: int | None, *, finest: bool
) -> int | None:
    """The first time that is recorded in the finer tier and not sealed yet."""
    after_ms = -1 if until_ms is None else until_ms
    if finest:
        query = "SELECT min(t_ms) FROM finest WHERE t_ms >= ?"
        found = connection.execute(query, (after_ms,)).fetchone()[0]
    else:
        query = "SELECT min(start_ms) FROM windows WHERE step_ms = ? AND end_ms > ?"
        found = connection.execute(query, (finer.step_ms, after_ms)).fetchone()[0]
    return None if found is None else max(int(found), after_ms)


def _seal_window(
    connection: sqlite3.Connection, tiers: Sequence[Tier], at: int, start_ms: int, end_ms: int
) -> None:
    tier = tiers[at]
    connection.execute("BEGIN IMMEDIATE")
    try:
        if at == 1:
            tallies = _from_rows(connection, tier, start_ms, end_ms)
        else:
            tallies = _from_windows(connection, tiers[at - 1], tier, start_ms, end_ms)
        _write(connection, tier, tallies, start_ms, end_ms)
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _write(
    connection: sqlite3.Connection, tier: Tier, tallies: Tallies, start_ms: int, end_ms: int
) -> None:
    place, count = (tier.step_ms, start_ms), 0
    for series, tally in tallies.items():
        columns = tally.columns()
        if columns is None:
            continue
        query = "SELECT content FROM points WHERE step_ms = ? AND start_ms = ? AND series = ?"
        before = connection.execute(query, (*place, series)).fetchone()
        if before is not None:
            columns = fuller(columns, unpacked(before[0], *reversed(place)))
        connection.execute(
            "INSERT OR REPLACE INTO points (step_ms, start_ms, series, content)"
            " VALUES (?, ?, ?, ?)",
            (*place, series, packed(columns)),
        )
        count += len(columns)
        connection.execute(
            "UPDATE series SET last_ms = max(last_ms, ?) WHERE id = ?", (end_ms, series)
        )
    if count:
        connection.execute(
            "INSERT OR REPLACE INTO windows (step_ms, start_ms, end_ms, points)"
            " VALUES (?, ?, ?, ?)",
            (*place, end_ms, count),
        )
    connection.execute(
        "INSERT OR REPLACE INTO sealed (step_ms, until_ms) VALUES (?, ?)", (tier.step_ms, end_ms)
    )


def _tally(tier: Tier, start_ms: int, end_ms: int) -> Tally:
    return Tally(start_ms, tier.step_ms, (end_ms - start_ms) // tier.step_ms)


def _from_rows(connection: sqlite3.Connection, tier: Tier, start_ms: int, end_ms: int) -> Tallies:
    found: Tallies = {}
    layouts: dict[int, tuple[int, ...]] = {}
    rows = connection.execute(
        "SELECT t_ms, layout, content FROM finest WHERE t_ms >= ? AND t_ms < ?",
        (start_ms, end_ms),
    )
    for t_ms, layout, content in rows:
        if layout not in layouts:
            query = "SELECT series FROM layout WHERE id = ?"
            layouts[layout] = layout_of(connection.execute(query, (layout,)).fetchone()[0])
        row = unpacked_row(content, len(layouts[layout]))
        for at, series in enumerate(layouts[layout]):
            if series not in found:
                found[series] = _tally(tier, start_ms, end_ms)
            found[series].add(t_ms, row.avg[at], row.min[at], row.max[at], row.counted(at))
    return found


def _from_windows(
    connection: sqlite3.Connection, finer: Tier, tier: Tier, start_ms: int, end_ms: int
) -> Tallies:
    found: Tallies = {}
    rows = connection.execute(
        "SELECT points.series, windows.start_ms, content FROM windows JOIN points"
        " ON points.step_ms = windows.step_ms AND points.start_ms = windows.start_ms"
        " WHERE windows.step_ms = ? AND windows.start_ms < ? AND windows.end_ms > ?",
        (finer.step_ms, end_ms, start_ms),
    )
    for series, first_ms, content in rows:
        if series not in found:
            found[series] = _tally(tier, start_ms, end_ms)
        found[series].add_columns(unpacked(content, first_ms, finer.step_ms), start_ms, end_ms)
    return found
