"""Runs jobs in the order their needs allow, a few at a time."""

from __future__ import annotations

import queue
import sys
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from pipeline.board import Board
from pipeline.command import Children, CommandLog
from pipeline.job import Ending, Job, JobFailed, Outcome
from places import WORKSHOP

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import TextIO

WORKERS = 2
# Jobs that mostly wait run beside the workers, one at a time.
WAITERS = 1


def to_do(jobs: Sequence[Job]) -> list[Job]:
    """The jobs that have work: those not settled, and those that need one of them."""
    planned: dict[str, Job] = {}
    for job in jobs:
        if any(need in planned for need in job.needs) or not job.settled():
            planned[job.name] = job
    return list(planned.values())


class Runner:
    """Runs a plan once. A failed job stops the jobs that need it and no others."""

    def __init__(
        self,
        plan: Sequence[Job],
        *,
        workers: int = WORKERS,
        logs: Path = WORKSHOP / "logs",
        screen: TextIO | None = None,
    ) -> None:
        self._waiting = list(plan)
        self._titles = {job.name: job.title for job in plan}
        self._workers = workers
        self._logs = logs
        self._running: dict[str, Job] = {}
        self._outcomes: dict[str, Outcome] = {}
        self._over: queue.Queue[tuple[Job, Outcome]] = queue.Queue()
        self._children = Children()
        self._board = Board(len(plan), screen or sys.stdout)

    def run(self) -> dict[str, Outcome]:
        """Runs everything; gives each job's outcome. Ctrl-C stops what runs, then is raised."""
        try:
            while self._waiting or self._running:
                self._start_ready()
                self._await_one()
        except KeyboardInterrupt:
            self._board.close()
            self._children.stop()
            raise
        self._board.close()
        return self._outcomes

    def _start_ready(self) -> None:
        for job in list(self._waiting):
            failed = [need for need in job.needs if self._has_failed(need)]
            if failed:
                self._waiting.remove(job)
                missing = self._titles[failed[0]]
                self._end(job, Outcome(Ending.NOT_RUN, reason=f"because of: {missing}"))
            elif self._has_room(job) and self._is_ready(job):
                self._waiting.remove(job)
                self._running[job.name] = job
                self._board.started(job)
                threading.Thread(target=self._work, args=(job,), daemon=True).start()

    def _has_failed(self, name: str) -> bool:
        outcome = self._outcomes.get(name)
        return outcome is not None and outcome.ending is not Ending.DONE

    def _is_ready(self, job: Job) -> bool:
        before = (name for name in (*job.needs, *job.after) if name in self._titles)
        return all(name in self._outcomes for name in before)

    def _has_room(self, job: Job) -> bool:
        if job.alone or any(other.alone for other in self._running.values()):
            return not self._running
        busy = [other for other in self._running.values() if other.waits is job.waits]
        return len(busy) < (WAITERS if job.waits else self._workers)

    def _await_one(self) -> None:
        if not self._running:
            return
        try:
            job, outcome = self._over.get(timeout=self._board.refresh_s)
        except queue.Empty:
            self._board.tick()
            return
        del self._running[job.name]
        self._end(job, outcome)

    def _end(self, job: Job, outcome: Outcome) -> None:
        self._outcomes[job.name] = outcome
        self._board.finished(job, outcome)

    def _work(self, job: Job) -> None:
        begun = time.monotonic()
        log = CommandLog(self._logs / f"{job.name}.log", self._children)
        try:
            job.run(log)
            outcome = Outcome(Ending.DONE)
        except JobFailed as failure:
            reason, tail, advice = failure.reason, failure.tail, failure.advice
            outcome = Outcome(Ending.FAILED, reason=reason, tail=tail, advice=advice)
        except OSError as error:
            outcome = Outcome(Ending.FAILED, reason=str(error))
        took = replace(outcome, seconds=time.monotonic() - begun, cpu_s=log.cpu_s)
        self._over.put((job, took))
