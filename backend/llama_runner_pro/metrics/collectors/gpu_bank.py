"""The cards of one maker: picks a source, keeps it alive, and never waits for a stuck driver."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from llama_runner_pro.core.deadline import Deadline
from llama_runner_pro.core.errors import CollectorError, SensorMissing
from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.metrics.blocking import BlockingReads
from llama_runner_pro.resilience.backoff import delay_s

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.metrics.collectors.gpu_ports import GpuDetail, GpuSample, GpuSource

PATIENCE_S = 0.1
"""How long a tick waits for the driver before it goes on without."""
ABSENT_RETRY_S = 60.0
LOST_RETRY_S = 5.0
DETAIL_INTERVAL_S = 10.0
NEWCOMERS_INTERVAL_S = 3.0
"""How soon the slow values are read again when there are other processes to look for."""
STALE_INTERVALS = 3


class _Look(ValueObject, frozen=True):
    """What one visit to the thread brought back."""

    names: tuple[str, ...]
    samples: Sequence[GpuSample]
    asked: frozenset[int] | None
    details: Sequence[GpuDetail]


class GpuBank:
    """Asks the first source that opens; looks again when none does or when it was lost.

    A read that takes longer than a moment goes on in its thread while the last sample counts;
    when that is older than three intervals there is none, and `reason` says why.
    """

    def __init__(self, sources: Sequence[GpuSource], clock: Clock) -> None:
        self._sources = tuple(sources)
        self._clock = clock
        self._reads = BlockingReads("gpu")
        self._source: GpuSource | None = None
        self._opened: tuple[str, ...] = ()
        self._running: asyncio.Future[_Look] | None = None
        self._samples: Sequence[GpuSample] = ()
        self._details: Sequence[GpuDetail] = ()
        self._sampled_s = float("-inf")
        self._detailed_s = float("-inf")
        self._next_s = float("-inf")
        self._losses = 0
        self.names: tuple[str, ...] = ()
        """The cards, once some were found; they stay when the driver goes."""
        self.reason = "still looking for a graphics card"
        self.asked: frozenset[int] = frozenset()
        """The processes that the newest slow values are about."""
        self.answered = False
        """Whether it is known if there are such cards."""

    def due(self, now_s: float) -> bool:
        """Whether `look` has anything to do."""
        return self._running is not None or now_s >= self._next_s

    async def look(self, now_s: float, pids: frozenset[int]) -> None:
        """Bring the samples up to date. Never raises; cancelling leaves the read running."""
        if self._running is None and now_s >= self._next_s:
            wanted = self._wanted(now_s, pids)
            if wanted is not None:
                self._detailed_s = now_s
            self._running = self._reads.start(lambda: self._read(wanted))
            await self._wait(self._running)
        if self._running is not None and self._running.done():
            running, self._running = self._running, None
            self._take(running, now_s)

    def samples(self, now_s: float) -> tuple[Sequence[GpuSample], Sequence[GpuDetail]]:
        """One of each per card; empty when the last ones are too old to be shown."""
        interval_s = max(1.0, self._source.min_interval_s if self._source else 0.0)
        if now_s - self._sampled_s > STALE_INTERVALS * interval_s:
            return (), ()
        return self._samples, self._details

    def _wanted(self, now_s: float, pids: frozenset[int]) -> frozenset[int] | None:
        """The processes to ask about, when it is time for the slow values."""
        newcomers = not pids <= self.asked
        interval_s = NEWCOMERS_INTERVAL_S if newcomers else DETAIL_INTERVAL_S
        # Half a second early is on time: ticks come a little before or after their due time.
        return pids if now_s - self._detailed_s >= interval_s - 0.5 else None

    async def _wait(self, running: asyncio.Future[_Look]) -> None:
        try:
            async with Deadline(self._clock, PATIENCE_S):
                await asyncio.wait((running,))
        except TimeoutError:
            return  # a later tick picks the result up

    def _take(self, running: asyncio.Future[_Look], now_s: float) -> None:
        self.answered = True
        try:
            look = running.result()
        except SensorMissing as error:
            self.reason = error.reason
            self._next_s = now_s + ABSENT_RETRY_S
            self._forget()
        except (CollectorError, OSError) as error:
            self._losses += 1
            self.reason = str(error)
            self._next_s = now_s + delay_s(
                self._losses, initial_s=LOST_RETRY_S, max_s=ABSENT_RETRY_S, jitter=0, rand=float
            )
            self._forget()
        else:
            self._losses = 0
            self._sampled_s = now_s
            self._samples, self.names = look.samples, look.names
            if look.asked is not None:
                self._details, self.asked = look.details, look.asked
            self.reason = "the graphics driver has stopped answering"
            self._next_s = now_s + (self._source.min_interval_s if self._source else 0.0)

    def _forget(self) -> None:
        self._samples = self._details = ()
        self._detailed_s = float("-inf")

    # --- on the sensor thread ------------------------------------------------------------------

    def _read(self, pids: frozenset[int] | None) -> _Look:
        if self._source is None:
            self._source, self._opened = self._open_first()
        try:
            details = () if pids is None else self._source.detail(pids)
            return _Look(self._opened, self._source.sample(), pids, details)
        except (CollectorError, OSError):
            self._source.close()
            self._source = None
            raise

    def _open_first(self) -> tuple[GpuSource, tuple[str, ...]]:
        reasons: list[str] = []
        for source in self._sources:
            try:
                return source, tuple(source.open())
            except SensorMissing as error:
                reasons.append(error.reason)
        # The first source is the one that should work; the others' reasons follow from it.
        raise SensorMissing(reasons[0] if reasons else "no source of graphics card values")
