"""The past in a file, for the rest of the sidecar: never blocks, never raises while recording."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
import time
from contextlib import closing, suppress
from functools import partial
from queue import Empty, Full, Queue
from typing import TYPE_CHECKING, TypeVar

from llama_runner_pro.core.deadline import Deadline
from llama_runner_pro.core.errors import HistoryOff, StoreUnavailable
from llama_runner_pro.core.own_thread import in_own_thread
from llama_runner_pro.metrics.ranges import HistoryStats, TierStats
from llama_runner_pro.metrics.tiers.database import (
    Unusable,
    damaged,
    file_bytes,
    open_reader,
    open_writer,
)
from llama_runner_pro.metrics.tiers.ledger import Sample
from llama_runner_pro.metrics.tiers.plan import MOST_SERIES, estimated_bytes
from llama_runner_pro.metrics.tiers.reading import read_range, read_series
from llama_runner_pro.metrics.tiers.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from llama_runner_pro.config.monitoring import HistorySpec
    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.metrics.catalogue import Catalogue
    from llama_runner_pro.metrics.model import Snapshot
    from llama_runner_pro.metrics.ranges import HistoryMark, HistoryRange, SeriesSeen

T = TypeVar("T")
_log = logging.getLogger(__name__)
QUEUE_DEPTH = 600
READ_WITHIN_S = 10.0
_ANSWER_WITHIN_S = 15.0
"""With the wait for its turn; longer only when the disk itself hangs."""
_STOP_WITHIN_S = 3.0
_FLUSH_WITHIN_S = 0.5
_READS_AT_ONCE = 2
_STEPS_BETWEEN_LOOKS = 20_000
"""Of SQLite's machine, between two looks at the clock."""


class TierStore:
    """Use from the event loop only, and keep `run` running. One thread writes; each question is
    answered in a thread of its own, two at a time."""

    def __init__(
        self,
        path: Path,
        spec: HistorySpec,
        catalogue: Catalogue,
        clock: Clock,
        *,
        to_write: Callable[[Path], sqlite3.Connection] = open_writer,
        to_read: Callable[[Path], sqlite3.Connection] = open_reader,
    ) -> None:
        """`to_write` and `to_read` open the file."""
        self._path, self._spec, self._catalogue, self._clock = path, spec, catalogue, clock
        self._recorder, self._to_read = Recorder(path, spec, clock, to_write), to_read
        self._queue: Queue[Callable[[], None] | None] = Queue(QUEUE_DEPTH)
        self._told_version = -1
        self._reads = asyncio.Semaphore(_READS_AT_ONCE)
        self._dropped = 0

    # --- recording -------------------------------------------------------------------------------

    def sampled(self, snapshot: Snapshot, interval_s: float) -> None:
        """Record a snapshot, the next of which is due after `interval_s`."""
        fields = None
        if self._catalogue.version != self._told_version:
            fields = [field for _, field in self._catalogue.fields()]
        every_ms = round(interval_s * 1000)
        sample = Sample(snapshot.wall_ms, every_ms, snapshot.values, fields)
        if self._put(partial(self._recorder.sample, sample)):
            self._told_version = self._catalogue.version
        else:
            self._dropped += 1

    def mark(self, mark: HistoryMark) -> None:
        """Record something that happened."""
        self._put(partial(self._recorder.mark, mark))

    def configure(self, spec: HistorySpec) -> None:
        """Take on another configuration; what is recorded stays."""
        self._spec = spec
        self._put(partial(self._recorder.configure, spec))

    async def run(self) -> None:
        """Record until cancelled; then everything is brought to disk, within 3 s.

        What a disk that hangs has not taken by then is lost, which the log says.
        """
        writing = in_own_thread("history-writer", self._write)
        try:
            await asyncio.shield(writing)
        finally:
            while not writing.done() and not self._put(None):
                with suppress(Empty):
                    self._queue.get_nowait()
            try:
                async with Deadline(self._clock, _STOP_WITHIN_S):
                    await writing
            except TimeoutError:
                _log.warning(
                    "the disk did not answer within %g s: the newest measurements are not in %s",
                    *(_STOP_WITHIN_S, self._path),
                )

    def _put(self, job: Callable[[], None] | None) -> bool:
        try:
            self._queue.put_nowait(job)
        except Full:
            return False
        return True

    def _write(self) -> None:
        recorder = self._recorder
        while True:
            try:
                job = self._queue.get(timeout=recorder.wait_s)
            except Empty:
                recorder.work()
                continue
            if job is None:
                recorder.close()
                return
            job()
            recorder.work()

    # --- asking ----------------------------------------------------------------------------------

    async def query(
        self, names: Sequence[str], from_ms: int, to_ms: int, points: int, host: str | None
    ) -> HistoryRange:
        """Buckets of this computer's series; `host` is not looked at.

        Raises HistoryOff and StoreUnavailable. Cancelling abandons the answer.
        """
        now_ms = self._clock.wall_ms()
        return await self._read(
            lambda connection: read_range(
                connection, self._recorder.tiers, names, from_ms, to_ms, points, now_ms
            )
        )

    async def series(self, host: str | None = None) -> list[SeriesSeen]:
        """Every series in the file, by name, whatever the host. Raises as `query` does."""
        return await self._read(read_series)

    async def stats(self) -> HistoryStats:
        """How the file is; raises nothing."""
        recorder, reason, counts = self._recorder, self._recorder.paused, _Counts()
        try:
            counts = await self._read(self._counted)
        except (HistoryOff, StoreUnavailable) as error:
            reason = reason or str(error)
        return HistoryStats(
            backend="embedded",
            available=reason is None,
            reason=reason,
            file_bytes=file_bytes(self._path),
            max_bytes=self._spec.max_bytes,
            estimated_bytes_full=estimated_bytes(recorder.tiers, counts.series),
            series_count=counts.series,
            max_series=MOST_SERIES,
            refused_series=recorder.refused,
            tiers=counts.tiers,
            set_aside=recorder.set_aside,
            dropped_samples=recorder.dropped + self._dropped,
        )

    def _counted(self, connection: sqlite3.Connection) -> _Counts:
        """What each tier holds."""
        counts = _Counts()
        counts.series = connection.execute("SELECT count(*) FROM series").fetchone()[0]
        windows = connection.execute(
            "SELECT step_ms, sum(points), min(start_ms) FROM windows GROUP BY step_ms"
        )
        held = {step_ms: (points, oldest_ms) for step_ms, points, oldest_ms in windows}
        finest = "SELECT coalesce(sum(length(content)), 0) / 4, min(t_ms) FROM finest"
        held[self._recorder.tiers[0].step_ms] = connection.execute(finest).fetchone()
        counts.tiers = [
            TierStats(
                tier.name, tier.step_ms // 1000, tier.keep_ms // 1000, *held.get(tier.step_ms, none)
            )
            for none in [(0, None)]
            for tier in self._recorder.tiers
        ]
        return counts

    async def _read(self, read: Callable[[sqlite3.Connection], T]) -> T:
        if not self._spec.enabled:
            raise HistoryOff
        try:
            async with Deadline(self._clock, _ANSWER_WITHIN_S):
                await self._reads.acquire()
                flushed = threading.Event()
                self._put(partial(_flush, self._recorder, flushed))
                answer = partial(self._answer, read, flushed)
                reading = in_own_thread("history-reader", answer)
                # Only then may the next begin: threads that hang must not become more and more.
                reading.add_done_callback(lambda _: self._reads.release())
                return await asyncio.shield(reading)
        except TimeoutError:
            words = f"the history did not answer within {_ANSWER_WITHIN_S:g} s"
            raise StoreUnavailable(words, "ask for fewer series, or look at its disk") from None

    def _answer(self, read: Callable[[sqlite3.Connection], T], flushed: threading.Event) -> T:
        """In a thread of its own: what waits to be written is part of the answer."""
        flushed.wait(_FLUSH_WITHIN_S)
        end_s = time.monotonic() + READ_WITHIN_S
        try:
            with closing(self._to_read(self._path)) as connection:
                connection.set_progress_handler(
                    lambda: time.monotonic() > end_s, _STEPS_BETWEEN_LOOKS
                )
                return read(connection)
        except (ValueError, Unusable) as error:
            raise self._damaged(str(error)) from error
        except sqlite3.Error as error:
            if damaged(error):
                raise self._damaged(str(error)) from error
            if time.monotonic() > end_s:
                words = "the question took too long"
                raise StoreUnavailable(words, "ask for fewer series") from error
            reason = self._recorder.paused or "nothing has been recorded yet"
            raise StoreUnavailable(reason, "try again in some seconds") from error

    def _damaged(self, reason: str) -> StoreUnavailable:
        self._put(partial(self._recorder.broken, reason))
        return StoreUnavailable("the history file is damaged", "a new one is being begun")


class _Counts:
    def __init__(self) -> None:
        self.series = 0
        self.tiers: list[TierStats] = []


def _flush(recorder: Recorder, done: threading.Event) -> None:
    recorder.commit()
    done.set()
