"""Graphics cards: picks a source, keeps it alive, and never waits for a stuck driver."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from llama_runner_pro.core.deadline import Deadline
from llama_runner_pro.core.errors import CollectorError, SensorMissing
from llama_runner_pro.metrics.blocking import BlockingReads
from llama_runner_pro.metrics.model import Field, Reading
from llama_runner_pro.resilience.backoff import delay_s

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.metrics.collector import Lane
    from llama_runner_pro.metrics.collectors.gpu_ports import GpuSample, GpuSource
    from llama_runner_pro.metrics.model import Unit, Value

PATIENCE_S = 0.1
"""How long a tick waits for the driver before it goes on without."""
ABSENT_RETRY_S = 60.0
LOST_RETRY_S = 5.0
STALE_INTERVALS = 3

_PARTS: dict[str, tuple[Unit, str]] = {
    "utilization_pct": ("pct", "use"),
    "memory_used_bytes": ("bytes", "memory used"),
    "memory_total_bytes": ("bytes", "memory"),
    "temperature_c": ("c", "temperature"),
    "power_w": ("w", "power"),
    "fan_pct": ("pct", "fan"),
}


class GpuCollector:
    """Asks the first source that opens; looks again when none does or when it was lost.

    A read that takes longer than a moment goes on in its thread while ticks show the last
    sample; when that is older than three intervals the values are missing, with a reason.
    """

    name = "gpu"
    lane: Lane = "fast"
    deadline_s = 1.0

    def __init__(self, sources: Sequence[GpuSource], clock: Clock) -> None:
        self._sources = tuple(sources)
        self._clock = clock
        self._reads = BlockingReads("gpu")
        self._source: GpuSource | None = None
        self._names: tuple[str, ...] = ()
        self._fields: tuple[Field, ...] = ()
        self._running: asyncio.Future[Sequence[GpuSample]] | None = None
        self._samples: Sequence[GpuSample] = ()
        self._sampled_s = float("-inf")
        self._next_s = float("-inf")
        self._losses = 0
        self._reason = "still looking for a graphics card"

    def fields(self) -> Sequence[Field]:
        """All values of all cards found; nothing until one was found."""
        return self._fields

    async def collect(self, now_s: float) -> Reading:
        """The newest sample. Never raises; cancelling leaves the read running."""
        if self._running is None and now_s >= self._next_s:
            self._running = self._reads.start(self._read)
            await self._wait(self._running)
        if self._running is not None and self._running.done():
            running, self._running = self._running, None
            self._take(running, now_s)
        return self._reading(now_s)

    async def _wait(self, running: asyncio.Future[Sequence[GpuSample]]) -> None:
        try:
            async with Deadline(self._clock, PATIENCE_S):
                await asyncio.wait((running,))
        except TimeoutError:
            return  # a later tick picks the result up

    def _take(self, running: asyncio.Future[Sequence[GpuSample]], now_s: float) -> None:
        try:
            self._samples = running.result()
        except SensorMissing as error:
            self._reason = error.reason
            self._next_s = now_s + ABSENT_RETRY_S
        except (CollectorError, OSError) as error:
            self._losses += 1
            self._reason = str(error)
            self._samples = ()
            self._next_s = now_s + delay_s(
                self._losses, initial_s=LOST_RETRY_S, max_s=ABSENT_RETRY_S, jitter=0, rand=float
            )
        else:
            self._losses = 0
            self._sampled_s = now_s
            self._reason = "the graphics driver has stopped answering"
            self._next_s = now_s + (self._source.min_interval_s if self._source else 0.0)
            self._declare()

    # --- on the sensor thread ------------------------------------------------------------------

    def _read(self) -> Sequence[GpuSample]:
        if self._source is None:
            self._source, self._names = self._open_first()
        try:
            return self._source.sample()
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

    # --- shaping ---------------------------------------------------------------------------------

    def _declare(self) -> None:
        declared = tuple(
            Field(f"gpu{index}_{part}", unit, f"{name} {label}", "gpu")
            for index, name in enumerate(self._names)
            for part, (unit, label) in _PARTS.items()
        )
        if declared != self._fields:
            self._fields = declared

    def _reading(self, now_s: float) -> Reading:
        if not self._fields:
            return Reading({}, absent={"gpu": self._reason})
        facts = {f"gpu{index}_name": name for index, name in enumerate(self._names)}
        interval_s = max(1.0, self._source.min_interval_s if self._source else 0.0)
        if not self._samples or now_s - self._sampled_s > STALE_INTERVALS * interval_s:
            absent = dict.fromkeys((field.name for field in self._fields), self._reason)
            return Reading({}, absent, facts)
        values: dict[str, Value] = {}
        missing: dict[str, str] = {}
        for index, sample in enumerate(self._samples):
            for part in _PARTS:
                value = getattr(sample, part)
                values[f"gpu{index}_{part}"] = value
                if value is None:
                    missing[f"gpu{index}_{part}"] = "this graphics card does not report it"
        return Reading(values, missing, facts)
