"""A store of the past that holds one rising line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.metrics.ranges import (
    HistoryMark,
    HistoryRange,
    HistoryStats,
    SeriesRange,
    SeriesSeen,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llama_runner_pro.core.errors import HistoryError

KNOWN = ("cpu_usage_pct", "load_1m", "endpoint/a,b/rss_bytes")
STEP_MS = 1_000


class FakePast:
    """Every second has one sample whose value is the second; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[tuple[str, ...], int, int, int, str | None]] = []
        self.broken: HistoryError | None = None
        self.breaks_after = 0
        """This many questions are answered first."""

    async def query(
        self, names: Sequence[str], from_ms: int, to_ms: int, points: int, host: str | None
    ) -> HistoryRange:
        """Buckets of as many seconds as it takes to stay within `points`."""
        self.asked.append((tuple(names), from_ms, to_ms, points, host))
        if self.broken is not None and len(self.asked) > self.breaks_after:
            raise self.broken
        step_ms = max(1, -(-(to_ms - from_ms) // points // STEP_MS)) * STEP_MS
        t_ms = list(range(from_ms // step_ms * step_ms, to_ms, step_ms))
        values = [t / 1000 for t in t_ms]
        series = [
            SeriesRange(
                *(name, "pct", name.upper(), "cpu"),
                *(values, values, values, [1] * len(t_ms)),
            )
            for name in names
            if name in KNOWN
        ]
        return HistoryRange(
            backend="embedded",
            host=host,
            from_ms=from_ms,
            to_ms=to_ms,
            step_ms=step_ms,
            tier="1s",
            t_ms=t_ms,
            series=series,
            unknown=[name for name in names if name not in KNOWN],
            events=[HistoryMark(from_ms, "restart", "demo", "demo was restarted", "i1")],
        )

    async def stats(self) -> HistoryStats:
        """As full as it gets."""
        return HistoryStats(backend="embedded", available=True, series_count=len(KNOWN))

    async def series(self, host: str | None = None) -> list[SeriesSeen]:
        """What it knows."""
        if self.broken is not None:
            raise self.broken
        return [SeriesSeen(name, "pct", name.upper(), "cpu", 0, 10_000) for name in KNOWN]
