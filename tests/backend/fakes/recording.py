"""A history file that is filled on a clock of its own, and what it should answer."""

from __future__ import annotations

import math
from contextlib import closing
from typing import TYPE_CHECKING

from llama_runner_pro.config.monitoring import HistorySpec, TierSpec
from llama_runner_pro.metrics.model import Field
from llama_runner_pro.metrics.tiers.database import open_reader, open_writer
from llama_runner_pro.metrics.tiers.ledger import Sample
from llama_runner_pro.metrics.tiers.reading import read_range
from llama_runner_pro.metrics.tiers.recorder import Recorder

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from llama_runner_pro.metrics.model import Value
    from llama_runner_pro.metrics.ranges import HistoryRange

T0_MS = 1_700_000_000_000
SHORT = ((1, 600), (10, 3_600), (60, 86_400))


def field(name: str) -> Field:
    """A field of this name."""
    return Field(name, "pct", name.upper(), "cpu")


def spec(*tiers: tuple[int, int], **more: object) -> HistorySpec:
    """A configuration with these resolutions."""
    found = tuple(TierSpec(step_s=step_s, keep_s=keep_s) for step_s, keep_s in tiers or SHORT)
    return HistorySpec(tiers=found, **more)  # type: ignore[arg-type]


class Steps:
    """A clock that is simply set; wall and monotonic time can part."""

    def __init__(self) -> None:
        self.wall = T0_MS
        self.passed_s = 0.0

    def monotonic(self) -> float:
        """Seconds that were let pass."""
        return self.passed_s

    def wall_ms(self) -> int:
        """What the wall clock shows."""
        return self.wall

    async def sleep(self, seconds: float) -> None:
        """Nothing here waits."""
        raise NotImplementedError

    def go(self, seconds: float) -> None:
        """Let time pass."""
        self.passed_s += seconds
        self.wall += round(seconds * 1000)


class Recording:
    """A recorder over a file, and every sample that it was given."""

    def __init__(
        self,
        folder: Path,
        history: HistorySpec | None = None,
        names: Sequence[str] = ("a", "b"),
        open_file: Callable[[Path], sqlite3.Connection] = open_writer,
    ) -> None:
        self.path, self.clock = folder / "history.db", Steps()
        self.recorder = Recorder(self.path, history or spec(), self.clock, open_file)
        self.names = names
        self.samples: list[tuple[int, Mapping[str, Value]]] = []
        self._told = False

    def sample(self, values: Mapping[str, Value], every_s: float = 1.0) -> None:
        """One snapshot now."""
        fields = None if self._told else [field(name) for name in self.names]
        self._told = True
        t_ms = self.clock.wall_ms()
        self.recorder.sample(Sample(t_ms, round(every_s * 1000), values, fields))
        self.samples.append((t_ms, values))
        self.recorder.work()

    def fill(self, seconds: int, value: Callable[[int], float], every_s: float = 1.0) -> None:
        """A sample of `a` every so often."""
        for _ in range(round(seconds / every_s)):
            self.sample({"a": value(self.clock.wall_ms())}, every_s)
            self.clock.go(every_s)

    def ask(
        self, from_ms: int, to_ms: int, points: int = 500, names: Sequence[str] = ("a",)
    ) -> HistoryRange:
        """What the file answers."""
        self.recorder.commit()
        with closing(open_reader(self.path)) as connection:
            tiers, now_ms = self.recorder.tiers, self.clock.wall_ms()
            return read_range(connection, tiers, names, from_ms, to_ms, points, now_ms)


def expected(
    samples: Sequence[tuple[int, Mapping[str, Value]]], name: str, found: HistoryRange
) -> dict[int, tuple[float, float, float, int]]:
    """Bucket start → mean, least, most, count, from the samples themselves."""
    end_ms = -(-found.to_ms // found.step_ms) * found.step_ms
    buckets: dict[int, list[float]] = {}
    for t_ms, values in samples:
        bucket_ms = t_ms // found.step_ms * found.step_ms
        value = values.get(name)
        if value is not None and found.from_ms // found.step_ms * found.step_ms <= t_ms < end_ms:
            buckets.setdefault(bucket_ms, []).append(value)
    return {
        t_ms: (math.fsum(held) / len(held), min(held), max(held), len(held))
        for t_ms, held in buckets.items()
    }


def filled(found: HistoryRange, name: str) -> dict[int, tuple[float, float, float, int]]:
    """The same, from an answer."""
    (one,) = [series for series in found.series if series.name == name]
    return {
        t_ms: (avg, least, most, count)  # type: ignore[misc]
        for t_ms, avg, least, most, count in zip(
            *(found.t_ms, one.avg, one.min, one.max, one.count), strict=True
        )
        if count
    }
