"""Which store answers questions about the past: the configured one, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from llama_runner_pro.core.errors import HistoryOff
from llama_runner_pro.metrics.ranges import HistoryStats

if TYPE_CHECKING:
    from collections.abc import Sequence


class NotRecorded:
    """Stands where no past is kept: every question is answered with `HistoryOff`."""

    async def query(
        self, names: Sequence[str], from_ms: int, to_ms: int, points: int, host: str | None
    ) -> NoReturn:
        """Raises HistoryOff."""
        raise HistoryOff

    async def stats(self) -> HistoryStats:
        """Says why there is nothing."""
        return HistoryStats(backend="embedded", available=False, reason=str(HistoryOff()))

    async def series(self) -> NoReturn:
        """Raises HistoryOff."""
        raise HistoryOff
