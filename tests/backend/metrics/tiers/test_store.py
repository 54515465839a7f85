"""The past for the rest of the sidecar: recording beside the event loop, and answers."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from contextlib import asynccontextmanager, closing, suppress
from typing import TYPE_CHECKING

import pytest
from fakes.clock import FakeClock
from fakes.recording import T0_MS, Steps, field, spec

from llama_runner_pro.core.errors import HistoryOff, StoreUnavailable
from llama_runner_pro.metrics.catalogue import Catalogue
from llama_runner_pro.metrics.model import Snapshot
from llama_runner_pro.metrics.ranges import HistoryMark
from llama_runner_pro.metrics.tiers.database import open_writer
from llama_runner_pro.metrics.tiers.store import QUEUE_DEPTH, TierStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from pathlib import Path

    from llama_runner_pro.config.monitoring import HistorySpec
    from llama_runner_pro.metrics.ranges import HistoryRange


class WallSteps(Steps):
    """Waits in real time, and long, so that threads of a busy machine can end meanwhile."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds * 20)


class Kept:
    """A store that runs, fed by hand."""

    def __init__(
        self,
        folder: Path,
        history: HistorySpec | None = None,
        to_write: Callable[[Path], sqlite3.Connection] = open_writer,
    ) -> None:
        self.clock, self.catalogue = WallSteps(), Catalogue()
        self.catalogue.declare([field("a")])
        self.path = folder / "history.db"
        self.store = TierStore(
            self.path, history or spec(), self.catalogue, self.clock, to_write=to_write
        )

    def feed(self, count: int, value: float = 5.0) -> None:
        """So many samples, a second apart."""
        for at in range(count):
            values = {"a": value}
            snapshot = Snapshot(seq=at, wall_ms=self.clock.wall_ms(), values=values, absent={})
            self.store.sampled(snapshot, 1.0)
            self.clock.go(1.0)

    async def asked(
        self, span_s: int, *, samples: int, names: Sequence[str] = ("a",)
    ) -> HistoryRange:
        """The answer that holds so many samples: a question waits for a busy disk half a second."""
        async with asyncio.timeout(60):
            while True:
                end_ms = T0_MS + span_s * 1000
                with suppress(StoreUnavailable):
                    found = await self.store.query(names, T0_MS, end_ms, 500, None)
                    if sum(sum(series.count) for series in found.series) == samples:
                        return found

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Let it run meanwhile."""
        task = asyncio.ensure_future(self.store.run())
        await asyncio.sleep(0)
        try:
            yield
        finally:
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task


async def test_what_was_sampled_is_answered_at_once(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    async with kept.running():
        kept.store.mark(HistoryMark(T0_MS + 5_000, "load", "demo", "demo is ready"))
        kept.feed(30)
        found = await kept.asked(30, samples=30, names=["a", "b"])
    (series,) = found.series
    assert (series.name, series.unit, series.label, series.group) == ("a", "pct", "A", "cpu")
    assert found.unknown == ["b"]
    assert [mark.kind for mark in found.events] == ["load"]


async def test_it_goes_on_where_it_was_after_a_restart(tmp_path: Path) -> None:
    first = Kept(tmp_path)
    async with first.running():
        first.feed(10)
    second = Kept(tmp_path)
    second.clock.go(20)
    async with second.running():
        second.feed(10)
        await second.asked(30, samples=20)
        assert [one.name for one in await second.store.series()] == ["a"]


async def test_it_tells_how_full_it_is_and_how_large_it_will_become(tmp_path: Path) -> None:
    kept = Kept(tmp_path, spec(max_bytes=5_000_000))
    async with kept.running():
        kept.feed(30)
        await kept.asked(30, samples=30)
        stats = await kept.store.stats()
    assert stats.available
    assert (stats.series_count, stats.max_bytes, stats.dropped_samples) == (1, 5_000_000, 0)
    assert stats.file_bytes > 0
    assert stats.estimated_bytes_full > 0
    assert [(tier.name, tier.rows > 0) for tier in stats.tiers] == [
        *(("1s", True), ("10s", False), ("1m", False))
    ]
    assert stats.tiers[0].oldest_ms == T0_MS


async def test_switched_off_it_records_nothing_and_says_so(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    async with kept.running():
        kept.feed(5)
        kept.store.configure(spec(enabled=False))
        kept.feed(5)
        with pytest.raises(HistoryOff):
            await kept.store.query(["a"], T0_MS, T0_MS + 10_000, 10, None)
        stats = await kept.store.stats()
        assert (stats.available, stats.reason) == (False, "the history is switched off")
        kept.store.configure(spec())
        await kept.asked(10, samples=5)


async def test_a_question_while_the_file_is_being_made_leaves_it_alone(tmp_path: Path) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slowly(path: Path) -> sqlite3.Connection:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
        begun.set()
        go_on.wait()
        return open_writer(path)

    kept = Kept(tmp_path, to_write=slowly)
    async with kept.running():
        kept.feed(5)
        await asyncio.to_thread(begun.wait)
        with pytest.raises(StoreUnavailable, match="nothing has been recorded yet"):
            await kept.store.series()
        go_on.set()
        await kept.asked(10, samples=5)
        assert (await kept.store.stats()).set_aside is None


async def test_a_damaged_window_is_told_and_a_new_file_begun(tmp_path: Path) -> None:
    first = Kept(tmp_path)
    async with first.running():
        first.feed(5)
    content = first.path.read_bytes()
    first.path.write_bytes(b"no database any more" + content[20:])
    kept = Kept(tmp_path)
    kept.clock.go(60)
    async with kept.running():
        kept.feed(5)
        await kept.asked(90, samples=5)
        stats = await kept.store.stats()
    assert stats.set_aside is not None


async def test_before_anything_is_recorded_there_is_a_reason(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    kept = Kept(tmp_path / "x")
    async with kept.running():
        kept.feed(1)
        with pytest.raises(StoreUnavailable) as caught:
            await kept.store.query(["a"], T0_MS, T0_MS + 10_000, 10, None)
        assert caught.value.hint
        assert not (await kept.store.stats()).available


async def test_a_writer_that_hangs_costs_samples_but_never_the_sampler(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    kept.feed(QUEUE_DEPTH + 7)
    stats = await kept.store.stats()
    assert stats.dropped_samples == 7


class HungDisk:
    """Opens no file before a test lets it."""

    def __init__(self) -> None:
        self.answers, self.asked = threading.Event(), threading.Semaphore(0)

    def open(self, path: Path) -> sqlite3.Connection:
        """Hang, then fail."""
        self.asked.release()
        self.answers.wait()
        raise sqlite3.OperationalError("unable to open database file")


async def test_a_disk_that_hangs_holds_up_the_end_for_3_s_and_is_told_in_words(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    disk, clock, path = HungDisk(), FakeClock(), tmp_path / "history.db"
    store = TierStore(path, spec(), Catalogue(), clock, to_write=disk.open)
    running = asyncio.create_task(store.run())
    await asyncio.sleep(0)
    store.mark(HistoryMark(T0_MS, "load", "demo", "demo is ready"))
    await asyncio.to_thread(disk.asked.acquire)
    running.cancel()
    await clock.advance(3.0)
    await asyncio.wait((running,))
    disk.answers.set()
    assert running.cancelled()
    (record,) = caplog.records
    assert record.message.startswith("the disk did not answer within 3 s: the newest measurements")
    assert record.exc_info is None


async def test_questions_to_a_disk_that_hangs_end_with_words_and_in_two_threads_at_most(
    tmp_path: Path,
) -> None:
    disk, clock, path = HungDisk(), FakeClock(), tmp_path / "history.db"
    store = TierStore(path, spec(), Catalogue(), clock, to_read=disk.open)
    asking = [asyncio.create_task(store.series()) for _ in range(5)]
    await asyncio.to_thread(disk.asked.acquire)
    await asyncio.to_thread(disk.asked.acquire)
    await clock.advance(15.0)
    for answer in await asyncio.gather(*asking, return_exceptions=True):
        assert isinstance(answer, StoreUnavailable)
        assert "did not answer within 15 s" in str(answer)
    assert not disk.asked.acquire(blocking=False)
    disk.answers.set()
    with pytest.raises(StoreUnavailable, match="nothing has been recorded yet"):
        await store.series()
