"""Forgetting: what is older than its tier keeps, and the oldest when the file is full. Blocking.

When the file reaches its limit, the oldest time goes first, in every tier that reaches so far
back: the history then simply reaches less far.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.metrics.tiers.ledger import MOST_MARKS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from llama_runner_pro.metrics.tiers.plan import Tier

_FULL_SHARE = 0.95
"""Down to this part of the limit, so that not every step has to make room."""
_FREED_AT_ONCE = 4_000
"""Pages given back to the file system at a time."""


def forget_old(connection: sqlite3.Connection, tiers: Sequence[Tier], now_ms: int) -> None:
    """Drop what is older than its tier keeps, and tiers that are no longer configured."""
    finest, *coarser = tiers
    connection.execute("BEGIN IMMEDIATE")
    try:
        limit_ms = now_ms - finest.keep_ms
        connection.execute("DELETE FROM finest WHERE t_ms < ?", (limit_ms,))
        for tier in coarser:
            _drop(connection, tier.step_ms, now_ms - tier.keep_ms)
        known = [tier.step_ms for tier in coarser]
        rows = connection.execute("SELECT DISTINCT step_ms FROM windows").fetchall()
        for (step_ms,) in rows:
            if step_ms not in known:
                _drop(connection, step_ms, None)
                connection.execute("DELETE FROM sealed WHERE step_ms = ?", (step_ms,))
        oldest_ms = now_ms - tiers[-1].keep_ms
        connection.execute("DELETE FROM marks WHERE t_ms < ?", (oldest_ms,))
        connection.execute(
            "DELETE FROM marks WHERE id <= (SELECT max(id) FROM marks) - ?", (MOST_MARKS,)
        )
        connection.execute("DELETE FROM layout WHERE id NOT IN (SELECT layout FROM finest)")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def make_room(connection: sqlite3.Connection, max_bytes: int) -> None:
    """Drop the oldest until the file holds less than `max_bytes`; free pages go back."""
    goal = max_bytes
    while used_bytes(connection) > goal:
        goal = round(max_bytes * _FULL_SHARE)
        connection.execute("BEGIN IMMEDIATE")
        try:
            found = _drop_oldest(connection)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
        if not found:
            break
    # As a script, because a single call ends after the first page.
    connection.executescript(f"PRAGMA incremental_vacuum({_FREED_AT_ONCE});")


def _drop_oldest(connection: sqlite3.Connection) -> bool:
    """The oldest window and all rows before its end; without windows half of the rows.

    False: nothing is left.
    """
    query = "SELECT step_ms, min(end_ms) FROM windows GROUP BY step_ms ORDER BY 2 LIMIT 1"
    oldest = connection.execute(query).fetchone()
    if oldest is not None:
        connection.execute("DELETE FROM finest WHERE t_ms < ?", (oldest[1],))
        _drop(connection, *oldest)
        return True
    first_ms, last_ms = connection.execute("SELECT min(t_ms), max(t_ms) FROM finest").fetchone()
    if first_ms is None:
        return False
    connection.execute("DELETE FROM finest WHERE t_ms <= ?", ((first_ms + last_ms) // 2,))
    return True


def used_bytes(connection: sqlite3.Connection) -> int:
    """What the file holds, without pages that are free again."""
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def _drop(connection: sqlite3.Connection, step_ms: int, before_ms: int | None) -> None:
    """Windows of a tier that end by then; all of them when it is None."""
    windows = connection.execute(
        "SELECT start_ms FROM windows WHERE step_ms = ? AND (end_ms <= ? OR ? IS NULL)",
        (step_ms, before_ms, before_ms),
    ).fetchall()
    for (start_ms,) in windows:
        place = (step_ms, start_ms)
        connection.execute("DELETE FROM points WHERE step_ms = ? AND start_ms = ?", place)
        connection.execute("DELETE FROM windows WHERE step_ms = ? AND start_ms = ?", place)
