"""The history file of a sidecar that is not running. Reads alone."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from llama_runner_pro.core.errors import StoreUnavailable
from llama_runner_pro.metrics.ranges import HistoryStats
from llama_runner_pro.metrics.tiers.database import Unusable, open_reader
from llama_runner_pro.metrics.tiers.plan import read_tiers
from llama_runner_pro.metrics.tiers.reading import read_range, read_series

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from typing import TypeVar

    from llama_runner_pro.metrics.ranges import HistoryRange, SeriesSeen

    T = TypeVar("T")


class FilePast:
    """Satisfies `PastSeries`. Blocking, for a command that does nothing else meanwhile."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def query(
        self, names: Sequence[str], from_ms: int, to_ms: int, points: int, host: str | None
    ) -> HistoryRange:
        """Raises StoreUnavailable."""

        def read(connection: sqlite3.Connection) -> HistoryRange:
            tiers = read_tiers(connection)
            # Nothing was forgotten since the last sample.
            newest = connection.execute("SELECT max(t_ms) FROM finest").fetchone()[0]
            now_ms = to_ms if newest is None else int(newest)
            return read_range(connection, tiers, names, from_ms, to_ms, points, now_ms)

        return self._read(read)

    async def stats(self) -> HistoryStats:
        """That it can be read."""
        return HistoryStats(backend="embedded", available=True)

    async def series(self, host: str | None = None) -> list[SeriesSeen]:
        """Raises StoreUnavailable."""
        return self._read(read_series)

    def _read(self, read: Callable[[sqlite3.Connection], T]) -> T:
        try:
            with closing(open_reader(self._path)) as connection:
                return read(connection)
        except (sqlite3.Error, Unusable, ValueError) as error:
            raise StoreUnavailable(f"{self._path} cannot be read: {error}") from error
