"""Which store answers questions about the past: the file on this computer, or one for all hosts."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from llama_runner_pro.core.errors import HistoryError, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from llama_runner_pro.config.monitoring import HistorySpec, PrometheusSpec
    from llama_runner_pro.metrics.ranges import (
        HistoryRange,
        HistoryStats,
        PastSeries,
        SeriesSeen,
    )

    Connect = Callable[[PrometheusSpec], PastSeries]


_FEW = 10
"""Buckets of a question that is about events alone."""


class Past:
    """Satisfies `PastSeries`. Which store it is follows the configuration.

    The file is recorded in any case. While the other store cannot be reached, questions about
    this computer are answered from the file, and the answer says so.
    """

    def __init__(self, spec: HistorySpec, own: PastSeries, connect: Connect) -> None:
        self._own, self._connect = own, connect
        self._wide: PastSeries | None = None
        self.configure(spec)

    def configure(self, spec: HistorySpec) -> None:
        """Take on another configuration."""
        self._wide = self._connect(spec.prometheus) if spec.backend == "prometheus" else None

    async def query(
        self, names: Sequence[str], from_ms: int, to_ms: int, points: int, host: str | None
    ) -> HistoryRange:
        """Raises HistoryOff; and StoreUnavailable when no store can answer."""
        if self._wide is None:
            return await self._own.query(names, from_ms, to_ms, points, host)
        try:
            found = await self._wide.query(names, from_ms, to_ms, points, host)
            return found if host is not None else await self._with_events(found)
        except StoreUnavailable as error:
            if host is not None:
                raise
            found = await self._own.query(names, from_ms, to_ms, points, None)
            return msgspec.structs.replace(found, note=f"{error}; this is from the file here")

    async def _with_events(self, found: HistoryRange) -> HistoryRange:
        """What happened here is in the file alone; without it, the numbers are shown alone."""
        with suppress(HistoryError):
            own = await self._own.query([], found.from_ms, found.to_ms, _FEW, None)
            return msgspec.structs.replace(found, events=own.events)
        return found

    async def stats(self) -> HistoryStats:
        """How the configured store is; raises nothing."""
        return await (self._wide or self._own).stats()

    async def series(self, host: str | None = None) -> Sequence[SeriesSeen]:
        """Every series. Raises as `query` does."""
        if self._wide is None:
            return await self._own.series(host)
        try:
            return await self._wide.series(host)
        except StoreUnavailable:
            if host is not None:
                raise
            return await self._own.series()
