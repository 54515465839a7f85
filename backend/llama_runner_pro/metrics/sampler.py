"""The drum beat: drives all collectors and publishes one snapshot per tick."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from llama_runner_pro.core.deadline import Deadline
from llama_runner_pro.core.topic import Topic
from llama_runner_pro.metrics.guard import SLOW_INTERVAL_S, CollectorGuard
from llama_runner_pro.metrics.model import Field, Snapshot, rounded
from llama_runner_pro.metrics.schedule import Schedule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.metrics.catalogue import Catalogue
    from llama_runner_pro.metrics.collector import Collector
    from llama_runner_pro.metrics.history import RecentHistory
    from llama_runner_pro.metrics.model import Unit, Value

MIN_INTERVAL_S = 0.1

OWN_FIELDS = (
    Field("self_tick_late_ms", "ms", "Lateness of the last sample", "self"),
    Field("self_overruns_total", "total", "Samples skipped", "self", "counter"),
    Field("self_collectors_paused", "count", "Sensors paused after failures", "self"),
)


class Sampler:
    """Ticks at start + n x interval; missed ticks are skipped and counted, never made up for.

    The interval follows the viewers: what `set_demand` last asked for, between 0.1 s and 10 s,
    and 10 s while nobody watches. Use from the event loop's thread only.
    """

    def __init__(
        self,
        collectors: Sequence[Collector],
        catalogue: Catalogue,
        history: RecentHistory,
        clock: Clock,
    ) -> None:
        self._guards = [CollectorGuard(collector, clock) for collector in collectors]
        self._declared: list[Sequence[Field]] = [() for _ in self._guards]
        self._catalogue = catalogue
        self._history = history
        self._clock = clock
        self._interval_s = SLOW_INTERVAL_S
        self._changed = asyncio.Event()
        self._units: list[tuple[str, Unit]] = []
        self._units_version = -1
        self._seq = 0
        self._last_s = float("-inf")
        self.topic: Topic[Snapshot] = Topic()
        self.latest: Snapshot | None = None
        self._hurried: asyncio.Future[None] | None = None
        self.overruns = 0
        """Ticks that were skipped because the work before them took too long."""
        catalogue.declare(OWN_FIELDS)

    @property
    def interval_s(self) -> float:
        """Seconds between two ticks at the present demand."""
        return self._interval_s

    def set_demand(self, interval_s: float | None) -> None:
        """Say how often somebody wants a sample; None when nobody watches. Acts at once."""
        wanted_s = SLOW_INTERVAL_S if interval_s is None else interval_s
        self._interval_s = min(max(wanted_s, MIN_INTERVAL_S), SLOW_INTERVAL_S)
        self._changed.set()

    async def sample(self) -> None:
        """Have a sample taken at once, and wait for it. The pace goes on from there.

        Cancelling is safe: the sample is taken all the same.
        """
        if self._hurried is None:
            self._hurried = asyncio.get_running_loop().create_future()
            self._changed.set()
        await asyncio.shield(self._hurried)

    async def run(self) -> None:
        """Sample until cancelled."""
        schedule = Schedule(self._clock.monotonic(), self._interval_s)
        while True:
            await self._wait(schedule)
            late_s = max(0.0, self._clock.monotonic() - schedule.due_s)
            hurried, self._hurried = self._hurried, None
            await self._tick(late_s * 1000)
            if hurried is not None:
                hurried.set_result(None)
            self.overruns += schedule.advance(self._clock.monotonic())

    async def _wait(self, schedule: Schedule) -> None:
        """Sleep until the next tick is due, which a change of demand may bring forward."""
        while True:
            self._changed.clear()
            now_s = self._clock.monotonic()
            if schedule.interval_s != self._interval_s:
                schedule.change_interval(self._interval_s, last_s=self._last_s, now_s=now_s)
            if self._hurried is not None:
                schedule.change_interval(self._interval_s, last_s=float("-inf"), now_s=now_s)
            if schedule.due_s <= now_s:
                return
            with suppress(TimeoutError):
                async with Deadline(self._clock, schedule.due_s - now_s):
                    await self._changed.wait()

    async def _tick(self, late_ms: float) -> None:
        now_s = self._clock.monotonic()
        wall_ms = self._clock.wall_ms()
        self._last_s = now_s
        async with asyncio.TaskGroup() as group:
            for guard in self._guards:
                if guard.due(now_s):
                    group.create_task(guard.collect(now_s))
        self._declare()
        self._seq += 1
        snapshot = self._snapshot(wall_ms, late_ms)
        self._history.append(snapshot)
        self.latest = snapshot
        self.topic.publish(snapshot)

    def _declare(self) -> None:
        """Bring the catalogue up to date with what the collectors can measure now."""
        gone: set[str] = set()
        for index, guard in enumerate(self._guards):
            fields = guard.fields()
            before = self._declared[index]
            if fields is before:
                continue
            self._declared[index] = fields
            gone |= {field.name for field in before} - {field.name for field in fields}
            self._catalogue.declare(fields)
        if gone:
            self._catalogue.drop(gone)

    def _snapshot(self, wall_ms: int, late_ms: float) -> Snapshot:
        found: dict[str, Value] = {
            "self_tick_late_ms": late_ms,
            "self_overruns_total": self.overruns,
            "self_collectors_paused": sum(guard.paused for guard in self._guards),
        }
        absent: dict[str, str] = {}
        facts: dict[str, str] = {}
        for guard in self._guards:
            found.update(guard.reading.values)
            absent.update(guard.reading.absent)
            facts.update(guard.reading.facts)
        if self._units_version != self._catalogue.version:
            self._units = [(field.name, field.unit) for _, field in self._catalogue.fields()]
            self._units_version = self._catalogue.version
        values = {name: rounded(found.get(name), unit) for name, unit in self._units}
        return Snapshot(
            seq=self._seq,
            wall_ms=wall_ms,
            values=values,
            absent=absent,
            late_ms=late_ms,
            facts=facts,
        )
