"""A year of history: how large its file is, and how fast it answers while it is recorded."""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from pathlib import Path

from llama_runner_pro.config.monitoring import HistorySpec, TierSpec
from llama_runner_pro.core.clock import SystemClock
from llama_runner_pro.metrics.catalogue import Catalogue
from llama_runner_pro.metrics.model import Field, Snapshot
from llama_runner_pro.metrics.tiers.ledger import Sample
from llama_runner_pro.metrics.tiers.plan import estimated_bytes, tiers_of
from llama_runner_pro.metrics.tiers.recorder import Recorder
from llama_runner_pro.metrics.tiers.store import TierStore
from tests.bench.table import Row

SERIES = 60
QUESTIONS = 200
DAY_S = 86_400
_RHYTHMS = ((366 * DAY_S, 300), (14 * DAY_S, 20), (DAY_S, 5), (3_600, 1))
"""Age from which on there is a sample every so many seconds: several in each step kept of it."""
_OLD = HistorySpec(
    tiers=(TierSpec(step_s=300, keep_s=4 * DAY_S), TierSpec(step_s=900, keep_s=365 * DAY_S))
)
"""For what is too old to be left in any other resolution at the end: saves minutes."""
_COMMIT_EVERY = 20
_DRAWN = 1_000
_RANGES = (("1 h", 3_600), ("24 h", DAY_S), ("30 d", 30 * DAY_S), ("1 y", 365 * DAY_S))


def measure() -> list[Row]:
    """Fill a file as a year would, and ask it."""
    with tempfile.TemporaryDirectory(prefix="llama-runner-bench-") as name:
        path = Path(name) / "history.db"
        samples, took_s = _fill(path)
        size_mb = path.stat().st_size / 1e6
        estimate_mb = estimated_bytes(tiers_of(HistorySpec().tiers), SERIES) / 1e6
        remark = f"estimated {estimate_mb:.0f} MB; {samples} samples in {took_s:.0f} s"
        size = Row(f"a year of {SERIES} series", f"{size_mb:.1f} MB", "≤ 200 MB", remark)
        return [size, *asyncio.run(_ask(path))]


class _Told:
    """A clock that shows what it was told."""

    def __init__(self) -> None:
        self.now_s = time.time() - 365 * DAY_S

    def monotonic(self) -> float:
        """Seconds."""
        return self.now_s

    def wall_ms(self) -> int:
        """Milliseconds since 1970."""
        return round(self.now_s * 1000)

    async def sleep(self, seconds: float) -> None:
        """Nobody sleeps here."""
        raise NotImplementedError


def _fields() -> list[Field]:
    return [Field(f"series{at}_pct", "pct", f"Series {at}", "cpu") for at in range(SERIES)]


class _Weather:
    """Shares, bytes, rates that are mostly nothing, and figures that hardly change."""

    def __init__(self) -> None:
        self._chance, self._steady = random.Random(1), 0.0
        self._drawn = [self._draw() for _ in range(_DRAWN)]

    def values(self) -> dict[str, float]:
        """All series at one moment; drawing them anew takes longer than recording them."""
        return self._chance.choice(self._drawn)

    def _draw(self) -> dict[str, float]:
        chance = self._chance
        if chance.random() < 0.01:
            self._steady = float(chance.randrange(100))
        kinds = (
            lambda: round(chance.uniform(0, 100), 1),
            lambda: round(16e9 + chance.uniform(-1e9, 1e9)),
            lambda: chance.choice((0, 0, 0, round(chance.expovariate(1e-5)))),
            lambda: self._steady,
        )
        return {f"series{at}_pct": kinds[at % 4]() for at in range(SERIES)}


def _fill(path: Path) -> tuple[int, float]:
    clock, weather, began, count = _Told(), _Weather(), time.monotonic(), 0
    recorder, end_s = Recorder(path, _OLD, clock), time.time()
    recorder.sample(Sample(clock.wall_ms(), 1_000, {}, _fields()))
    while clock.now_s < end_s:
        every_s = [rhythm_s for age_s, rhythm_s in _RHYTHMS if end_s - clock.now_s <= age_s][-1]
        recorder.sample(Sample(clock.wall_ms(), every_s * 1000, weather.values()))
        if recorder.spec is _OLD and end_s - clock.now_s < 15 * DAY_S:
            recorder.configure(HistorySpec())
        clock.now_s += every_s
        count += 1
        if count % _COMMIT_EVERY == 0:
            recorder.work()
    recorder.close()
    return count, time.monotonic() - began


async def _ask(path: Path) -> list[Row]:
    clock, catalogue, weather = SystemClock(), Catalogue(), _Weather()
    catalogue.declare(_fields())
    store = TierStore(path, HistorySpec(), catalogue, clock)

    async def record() -> None:
        while True:
            store.sampled(Snapshot(0, clock.wall_ms(), weather.values(), {}), 1.0)
            await clock.sleep(1.0)

    rows = []
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(store.run()), group.create_task(record())]
        await clock.sleep(2)
        for what, span_s in _RANGES:
            times = []
            for _ in range(QUESTIONS):
                began, now_ms = time.perf_counter(), clock.wall_ms()
                await store.query(["series0_pct"], now_ms - span_s * 1000, now_ms, 500, None)
                times.append((time.perf_counter() - began) * 1000)
                await clock.sleep(0.01)
            times.sort()
            asked = "≤ 50 ms" if what == "24 h" else ""
            p95 = times[int(len(times) * 0.95)]
            remark = f"median {times[len(times) // 2]:.1f} ms, while recording at 1 Hz"
            rows.append(Row(f"{what} at 500 points, p95", f"{p95:.1f} ms", asked, remark))
        for task in tasks:
            task.cancel()
    return rows


if __name__ == "__main__":
    from tests.bench.table import table

    sys.stdout.write(table(measure()) + "\n")
