"""The writing side: samples in, rows and windows on disk. Blocking, one thread alone."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.metrics.tiers.registry import Registry, layout_of
from llama_runner_pro.metrics.tiers.row import Row, row_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from llama_runner_pro.metrics.model import Field, Value
    from llama_runner_pro.metrics.ranges import HistoryMark
    from llama_runner_pro.metrics.tiers.plan import Tier

MOST_MARKS = 20_000
_log = logging.getLogger(__name__)


class Sample(ValueObject, frozen=True):
    """All values of one moment. `every_ms`: when the next was due."""

    t_ms: int
    every_ms: int
    values: Mapping[str, Value]
    fields: Sequence[Field] | None = None
    """What the names mean, when that changed."""


class Ledger:
    """Nothing is on disk before `commit`. Every method raises sqlite3.Error."""

    def __init__(
        self, connection: sqlite3.Connection, tiers: Sequence[Tier], registry: Registry
    ) -> None:
        self._connection, self._registry = connection, registry
        self.tiers = tuple(tiers)
        self._row: Row | None = None
        self._begun = False

    @property
    def pending(self) -> bool:
        """Something waits for a commit."""
        return self._begun or self._row is not None

    def add(self, sample: Sample) -> None:
        """Take a sample in. A moment that was recorded already, by a clock that went back, is
        added to what is there."""
        if sample.fields is not None:
            self._begin()
            self._registry.declare(sample.fields)
        step_ms = self.tiers[0].step_ms
        t_ms = sample.t_ms // step_ms * step_ms
        if self._row is not None and self._row.t_ms != t_ms:
            self._store()
        if self._row is None:
            self._row = Row(t_ms, sample.every_ms)
        self._begin()
        numbered = self._registry.numbered(sample.values, sample.t_ms)
        self._row.add_sample(numbered, sample.every_ms)

    def mark(self, mark: HistoryMark) -> None:
        """Note something that happened."""
        self._begin()
        self._connection.execute(
            "INSERT INTO marks (t_ms, kind, endpoint, words, incident_id) VALUES (?, ?, ?, ?, ?)",
            (mark.t_ms, mark.kind, mark.endpoint, mark.text, mark.incident_id),
        )

    def commit(self) -> None:
        """Everything so far is on disk when this returns."""
        if self._row is not None:
            self._begin()
            self._store()
        if self._begun:
            self._connection.execute("COMMIT")
            self._begun = False

    def drop(self) -> None:
        """Forget what is not committed, after an error."""
        self._row, self._begun = None, False
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
        self._registry.reload()

    def _begin(self) -> None:
        if not self._begun:
            self._connection.execute("BEGIN IMMEDIATE")
            self._begun = True

    def _store(self) -> None:
        row, self._row = self._row, None
        if row is None:
            return
        found = self._connection.execute(
            "SELECT every_ms, content, series FROM finest JOIN layout ON layout.id = layout"
            " WHERE t_ms = ?",
            (row.t_ms,),
        ).fetchone()
        if found is not None:
            every_ms, content, series = found
            row.merge(row_of(row.t_ms, every_ms, content, layout_of(series)))
        order = tuple(sorted(row.points))
        self._connection.execute(
            "INSERT OR REPLACE INTO finest (t_ms, every_ms, layout, content) VALUES (?, ?, ?, ?)",
            (row.t_ms, row.every_ms, self._registry.layout(order), row.packed(order)),
        )
