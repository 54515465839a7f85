"""Routes of the past."""

from __future__ import annotations

from llama_runner_pro.api.history_shapes import (
    HistoryExportQuery,
    HistoryQuery,
    HistorySeries,
    HistorySeriesQuery,
)
from llama_runner_pro.api.http import history
from llama_runner_pro.api.route import ApiRoute
from llama_runner_pro.metrics.ranges import HistoryRange, HistoryStats

HISTORY_ROUTES: tuple[ApiRoute, ...] = (
    ApiRoute(
        method="GET",
        path="/api/history",
        handler=history.history,
        answer=HistoryRange,
        summary="The past of some series, in buckets with least, mean and most",
        query=HistoryQuery,
        errors=(400, 409, 503),
    ),
    ApiRoute(
        method="GET",
        path="/api/history/export",
        handler=history.export,
        answer=bytes,
        summary="Any range of the past as a CSV or JSON file",
        query=HistoryExportQuery,
        media_type="text/csv",
        errors=(400, 409, 503),
    ),
    ApiRoute(
        method="GET",
        path="/api/history/stats",
        handler=history.stats,
        answer=HistoryStats,
        summary="How full the history is, and how large it will become",
    ),
    ApiRoute(
        method="GET",
        path="/api/history/series",
        handler=history.series,
        answer=HistorySeries,
        summary="Every series that can be asked for",
        query=HistorySeriesQuery,
        errors=(409, 503),
    ),
)
