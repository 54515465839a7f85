"""Which number stands for which series in the file. Blocking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.metrics.tiers.plan import MOST_SERIES

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from llama_runner_pro.metrics.model import Field, Value


class Registry:
    """Belongs to the writer's connection. At most `most` series; others are refused."""

    def __init__(self, connection: sqlite3.Connection, most: int = MOST_SERIES) -> None:
        self._connection, self._most = connection, most
        self._ids: dict[str, int] = {}
        self._layouts: dict[tuple[int, ...], int] = {}
        self._fields: Mapping[str, Field] = {}
        self.refused: set[str] = set()
        self.reload()

    def reload(self) -> None:
        """Read the names again, after what was not committed is gone."""
        rows = self._connection.execute("SELECT name, id FROM series")
        self._ids = dict(rows.fetchall())
        self._layouts.clear()

    def declare(self, fields: Sequence[Field]) -> None:
        """What the names mean now; each of them gets its number with its first value."""
        self._fields = {field.name: field for field in fields}
        self.refused &= self._fields.keys()
        for name in self._fields.keys() & self._ids.keys():
            field = self._fields[name]
            self._connection.execute(
                "UPDATE series SET unit = ?, label = ?, grouped = ? WHERE id = ?",
                (field.unit, field.label, field.group, self._ids[name]),
            )

    def numbered(self, values: Mapping[str, Value], t_ms: int) -> dict[int, Value]:
        """The values that are there, by the numbers of their series; new ones are added."""
        found: dict[int, Value] = {}
        for name, value in values.items():
            if value is None:
                continue
            number = self._ids.get(name)
            if number is None:
                number = self._added(name, t_ms)
            if number is not None:
                found[number] = value
        return found

    def _added(self, name: str, t_ms: int) -> int | None:
        field = self._fields.get(name)
        if field is None:
            return None
        if len(self._ids) >= self._most:
            self.refused.add(name)
            return None
        cursor = self._connection.execute(
            "INSERT INTO series (name, unit, label, grouped, first_ms, last_ms)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (name, field.unit, field.label, field.group, t_ms, t_ms),
        )
        number = cursor.lastrowid
        if number is not None:
            self._ids[name] = number
        return number

    def layout(self, series: tuple[int, ...]) -> int:
        """The number of this order of series."""
        found = self._layouts.get(series)
        if found is not None:
            return found
        content = layout_bytes(series)
        self._connection.execute("INSERT OR IGNORE INTO layout (series) VALUES (?)", (content,))
        query = "SELECT id FROM layout WHERE series = ?"
        number: int = self._connection.execute(query, (content,)).fetchone()[0]
        if len(self._layouts) > 100:
            self._layouts.clear()
        self._layouts[series] = number
        return number

    def forget(self, before_ms: int) -> None:
        """Drop series without a value since `before_ms`, unless they are still measured."""
        rows = self._connection.execute(
            "SELECT name, id FROM series WHERE last_ms < ?", (before_ms,)
        ).fetchall()
        for name, number in rows:
            if name in self._fields:
                continue
            self._connection.execute("DELETE FROM series WHERE id = ?", (number,))
            self._ids.pop(name, None)
            self.refused.clear()


def layout_bytes(series: Sequence[int]) -> bytes:
    """A layout as it is stored."""
    return b"".join(number.to_bytes(4, "little") for number in series)


def layout_of(content: bytes) -> tuple[int, ...]:
    """The numbers in a stored layout."""
    places = range(0, len(content) - 3, 4)
    return tuple(int.from_bytes(content[at : at + 4], "little") for at in places)
