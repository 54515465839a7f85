"""Keeps the file: opens it, records, seals, forgets, and lives through everything that can go wrong
with it. Blocking, one thread alone.
"""

from __future__ import annotations

import logging
import sqlite3
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from llama_runner_pro.metrics.tiers.database import Unusable, damaged, open_writer, set_aside
from llama_runner_pro.metrics.tiers.ledger import Ledger, Sample
from llama_runner_pro.metrics.tiers.plan import tiers_of, write_tiers
from llama_runner_pro.metrics.tiers.registry import Registry
from llama_runner_pro.metrics.tiers.retention import forget_old, make_room
from llama_runner_pro.metrics.tiers.sealing import clock_went_back, seal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from llama_runner_pro.config.monitoring import HistorySpec
    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.metrics.ranges import HistoryMark

COMMIT_EVERY_S = 5.0
"""A killed process loses what is younger than this, and the step that was being filled."""
UPKEEP_EVERY_S = 60.0
TRY_AGAIN_S = 10.0
DISTRUST_S = 86_400.0
"""After the clock jumped ahead by more than this, nothing is forgotten for as long: it may have
jumped by mistake, and a year of history would be gone."""
_BROKEN = (sqlite3.Error, OSError, Unusable, ValueError)
_log = logging.getLogger(__name__)


class Recorder:
    """`paused` says why nothing is recorded now; it is tried again every 10 s."""

    def __init__(
        self,
        path: Path,
        spec: HistorySpec,
        clock: Clock,
        open_file: Callable[[Path], sqlite3.Connection] = open_writer,
    ) -> None:
        self._path, self._clock, self._open_file = path, clock, open_file
        self._connection: sqlite3.Connection | None = None
        self._ledger: Ledger | None = None
        self._registry: Registry | None = None
        self._fields = Sample(0, 0, {})
        self._last: Sample | None = None
        self._last_s = 0.0
        self._commit_s = self._upkeep_s = self._retry_s = float("-inf")
        self._distrust_until_s = float("-inf")
        self.paused: str | None = None
        self.set_aside: str | None = None
        self.dropped = 0
        """Samples that could not be recorded."""
        self.spec = spec
        self.tiers = tiers_of(spec.tiers)

    @property
    def refused(self) -> int:
        """Series that are not recorded because there are too many."""
        return len(self._registry.refused) if self._registry is not None else 0

    @property
    def wait_s(self) -> float:
        """How long there is nothing to do, unless a sample comes."""
        if self._ledger is not None and self._ledger.pending:
            return max(0.0, self._commit_s + COMMIT_EVERY_S - self._clock.monotonic())
        return UPKEEP_EVERY_S

    def configure(self, spec: HistorySpec) -> None:
        """Other tiers, another size, or switched off or on. What is recorded stays."""
        if self._ledger is not None:
            self._guarded(self._ledger.commit)
        self.spec, self.tiers = spec, tiers_of(spec.tiers)
        self._upkeep_s = self._retry_s = float("-inf")
        if self._ledger is not None and self._connection is not None:
            self._ledger.tiers = self.tiers
            self._guarded(partial(write_tiers, self._connection, self.tiers))
        if not spec.enabled:
            self.close()

    def sample(self, sample: Sample) -> None:
        """Record one moment, or count it as dropped."""
        if sample.fields is not None:
            self._fields = sample
        if not self.spec.enabled:
            return
        ready = self._ready()
        if ready is None or not self._guarded(lambda: self._take(ready, sample)):
            self.dropped += 1

    def mark(self, mark: HistoryMark) -> None:
        """Record something that happened."""
        ready = self._ready() if self.spec.enabled else None
        if ready is not None:
            self._guarded(lambda: ready.mark(mark))

    def commit(self) -> None:
        """What was taken in is on disk, whatever its age."""
        if self._ledger is not None:
            self._guarded(self._ledger.commit)
        self._commit_s = self._clock.monotonic()

    def work(self) -> None:
        """Whatever is due now: commit, seal, forget."""
        now_s = self._clock.monotonic()
        if self._ledger is None:
            return
        if self._ledger.pending and now_s - self._commit_s >= COMMIT_EVERY_S:
            self.commit()
        if now_s - self._upkeep_s >= UPKEEP_EVERY_S:
            self._upkeep_s = now_s
            self._guarded(self._upkeep)

    def broken(self, reason: str) -> None:
        """A reader found the content damaged: begin a new file."""
        self._shut()
        self._aside(reason)

    def close(self) -> None:
        """Commit, and let go of the file; a later sample opens it again."""
        if self._ledger is not None:
            self._guarded(self._ledger.commit)
        self._shut()

    # --- inside ----------------------------------------------------------------------------------

    def _take(self, ledger: Ledger, sample: Sample) -> None:
        self._watch_clock(ledger, sample)
        ledger.add(sample)
        self._last, self._last_s = sample, self._clock.monotonic()

    def _watch_clock(self, ledger: Ledger, sample: Sample) -> None:
        """Notice a wall clock that does not go with the time that passed."""
        if self._last is None:
            return
        passed_ms = (self._clock.monotonic() - self._last_s) * 1000
        if sample.t_ms < self._last.t_ms - self.tiers[0].step_ms:
            _log.info("the clock went back; the history goes on from there")
            ledger.commit()
            if self._connection is not None:
                clock_went_back(self._connection, self.tiers, sample.t_ms)
        elif sample.t_ms - self._last.t_ms - passed_ms > DISTRUST_S * 1000:
            self._distrust_until_s = self._clock.monotonic() + DISTRUST_S

    def _upkeep(self) -> None:
        connection, ledger = self._connection, self._ledger
        if connection is None or ledger is None or self._last is None:
            return
        ledger.commit()
        while seal(connection, self.tiers, self._last.t_ms):
            pass
        if self._clock.monotonic() >= self._distrust_until_s:
            forget_old(connection, self.tiers, self._last.t_ms)
            if self._registry is not None:
                self._registry.forget(self._last.t_ms - self.tiers[-1].keep_ms)
        make_room(connection, self.spec.max_bytes)

    def _ready(self) -> Ledger | None:
        """The open file; None while it cannot be used."""
        if self._ledger is None and self._clock.monotonic() - self._retry_s >= TRY_AGAIN_S:
            self._retry_s = self._clock.monotonic()
            self._guarded(self._open)
        return self._ledger

    def _open(self) -> None:
        try:
            self._connection = self._open_file(self._path)
        except Unusable as error:
            self._aside(str(error))
            self._connection = self._open_file(self._path)
        write_tiers(self._connection, self.tiers)
        self._registry = Registry(self._connection)
        if self._fields.fields is not None:
            self._registry.declare(self._fields.fields)
        self._ledger = Ledger(self._connection, self.tiers, self._registry)
        newest = "SELECT max(t_ms) FROM finest"
        head_ms = self._connection.execute(newest).fetchone()[0]
        if head_ms is not None:
            self._last, self._last_s = Sample(head_ms, 0, {}), self._clock.monotonic()
        if self.paused is not None:
            _log.info("the history is recorded again")
        self.paused = None
        self._commit_s = float("-inf")

    def _guarded(self, action: Callable[[], None]) -> bool:
        """Do it; what goes wrong pauses recording, or sets a damaged file aside."""
        try:
            action()
        except _BROKEN as error:
            self._failed(error)
            return False
        return True

    def _failed(self, error: Exception) -> None:
        if self._ledger is not None:
            with suppress(sqlite3.Error):
                self._ledger.drop()
        self._shut()
        lost = isinstance(error, Unusable | ValueError)
        if lost or (isinstance(error, sqlite3.Error) and damaged(error)):
            self._aside(str(error))
            return
        reason = _in_words(error)
        if reason != self.paused:
            _log.warning("the history is not recorded: %s", reason)
        self.paused, self._retry_s = reason, self._clock.monotonic()

    def _shut(self) -> None:
        connection = self._connection
        self._connection = self._ledger = self._registry = None
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()

    def _aside(self, reason: str) -> None:
        stamp = datetime.fromtimestamp(self._clock.wall_ms() / 1000, UTC).strftime("%Y%m%d-%H%M%S")
        try:
            self.set_aside = set_aside(self._path, stamp)
        except OSError as error:
            self.paused = _in_words(error)
            return
        self._retry_s = float("-inf")
        _log.warning(
            "the history file could not be used (%s); it is now %s, and a new one is begun",
            reason,
            self.set_aside,
        )


def _in_words(error: Exception) -> str:
    """What is in the way, for people."""
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        words = {
            sqlite3.SQLITE_FULL: "the disk is full",
            sqlite3.SQLITE_IOERR: "the disk does not take what is written",
            sqlite3.SQLITE_READONLY: "the file or its folder may not be written to",
            sqlite3.SQLITE_CANTOPEN: "the file cannot be opened",
            sqlite3.SQLITE_PERM: "the file may not be opened",
            sqlite3.SQLITE_BUSY: "another program holds the file",
            sqlite3.SQLITE_LOCKED: "another program holds the file",
        }
        return words.get(code, str(error))
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
