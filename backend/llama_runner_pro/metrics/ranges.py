"""The past as it is asked for: one shape, whatever store it comes from; they travel as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence

Backend = Literal["embedded", "prometheus"]
MarkKind = Literal[
    "restart",
    "failed",
    "healed",
    "offline",
    "online",
    "load",
    "unload",
    "breaker_open",
    "breaker_closed",
    "sidecar_start",
]


class HistoryMark(Struct, frozen=True):
    """Something that happened, on the same axis as the numbers."""

    t_ms: int
    kind: MarkKind
    endpoint: str | None
    text: str
    """In words for the user."""
    incident_id: str | None = None


class SeriesRange(Struct, frozen=True):
    """One series over a range; every list is as long as the range's `t_ms`.

    Without a sample a bucket holds null three times and a count of 0.
    """

    name: str
    unit: str
    label: str
    group: str
    avg: list[float | None]
    min: list[float | None]
    max: list[float | None]
    count: list[int]


class HistoryRange(Struct, frozen=True):
    """What was asked for, in buckets of `step_ms`."""

    backend: Backend
    host: str | None
    from_ms: int
    to_ms: int
    step_ms: int
    tier: str
    """The resolution it was read from: `1s`, `10s`, `1m`, `15m` …, or `prometheus`."""
    t_ms: list[int]
    """Bucket starts, rising. A bucket between two samples of a slow rhythm is left out; while
    nothing was recorded, every bucket is there and holds null."""
    series: list[SeriesRange]
    unknown: list[str]
    """Names that the store has never seen."""
    events: list[HistoryMark]
    note: str | None = None
    """What the reader should know, e.g. that another store than the wanted one answered."""


class SeriesSeen(Struct, frozen=True):
    """A series that the store holds."""

    name: str
    unit: str
    label: str
    group: str
    first_ms: int
    last_ms: int


class TierStats(Struct, frozen=True):
    """One resolution as it is filled now. `rows`: its points, all series together."""

    name: str
    step_s: int
    keep_s: int
    rows: int
    oldest_ms: int | None


class HistoryStats(Struct, frozen=True, kw_only=True):
    """How the store is."""

    backend: Backend
    available: bool
    reason: str | None = None
    """Why it is not, in words."""
    file_bytes: int = 0
    max_bytes: int = 0
    estimated_bytes_full: int = 0
    """What the present series will take once every resolution is full."""
    series_count: int = 0
    max_series: int = 0
    refused_series: int = 0
    """Series that are not recorded, because there are more than `max_series`."""
    tiers: list[TierStats] = []
    set_aside: str | None = None
    """Name of an older file that could not be used."""
    dropped_samples: int = 0


class PastSeries(Protocol):
    """A store of the past. Every method raises `HistoryOff` and `StoreUnavailable`."""

    async def query(
        self, names: Sequence[str], from_ms: int, to_ms: int, points: int, host: str | None
    ) -> HistoryRange:
        """At most `points` buckets of each of these series. `host` None: the store's own."""
        ...

    async def stats(self) -> HistoryStats:
        """How the store is; an unreachable one is told as such and raises nothing."""
        ...

    async def series(self, host: str | None = None) -> Sequence[SeriesSeen]:
        """Every series that it holds of a host, by name. `host` None: the store's own."""
        ...
