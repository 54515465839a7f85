"""Shapes of the past over REST. The values themselves are in `metrics.ranges`."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from llama_runner_pro.metrics.ranges import SeriesSeen

MOST_SERIES = 64
Points = Annotated[int, Meta(ge=10, le=5_000)]


class HistoryQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which series, from when to when. Times: milliseconds since 1970, or ISO 8601."""

    series: str = ""
    """Names with commas between them; a comma inside a name is written `\\,`. May be repeated."""
    from_: str = field(default="", name="from")
    """An hour before `to`, when empty."""
    to: str = ""
    """Now, when empty."""
    points: Points = 500
    host: str = ""
    """One of several hosts; this one when empty."""


class HistoryExportQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which series, from when to when, and as what."""

    series: str = ""
    """All of them, when empty."""
    from_: str = field(default="", name="from")
    to: str = ""
    step: Annotated[int, Meta(ge=0, le=31_536_000)] = 0
    """Seconds from row to row; 0 takes the finest that the range allows."""
    format: Literal["csv", "json"] = "csv"
    host: str = ""


class HistorySeriesQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose series."""

    host: str = ""
    """One of several hosts; this one when empty."""


class HistorySeries(Struct, frozen=True, kw_only=True):
    """`GET /api/history/series`: what can be asked for."""

    series: list[SeriesSeen]
