"""Shows what runs and for how long: one live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import shutil
import time
from typing import TextIO

from pipeline.job import Ending, Job, Outcome

HEARTBEAT_S = 30.0
MARKS = {Ending.DONE: "ok", Ending.FAILED: "FAILED", Ending.NOT_RUN: "not run"}


class Board:
    """Progress of a set of jobs. Called from one thread only."""

    def __init__(self, total: int, stream: TextIO) -> None:
        self._total = total
        self._stream = stream
        self._live = stream.isatty()
        self._running: dict[str, tuple[str, float]] = {}
        self._finished = 0
        self._last_word = time.monotonic()

    @property
    def refresh_s(self) -> float:
        """How often `tick` should be called, in seconds."""
        return 0.2 if self._live else 1.0

    def started(self, job: Job) -> None:
        """A job began."""
        self._running[job.name] = (job.title, time.monotonic())
        self.tick()

    def finished(self, job: Job, outcome: Outcome) -> None:
        """A job ended: its line, and when it failed what it said and what to do."""
        self._running.pop(job.name, None)
        self._finished += 1
        number = f"[{self._finished:>{len(str(self._total))}}/{self._total}]"
        self._say(f"{number} {MARKS[outcome.ending]:<7} {job.title:<44} {outcome.seconds:6.1f} s")
        if outcome.ending is Ending.FAILED:
            self._explain(job, outcome)
        elif outcome.reason:
            self._say(f"      {outcome.reason}")

    def tick(self) -> None:
        """Refreshes the seconds; off a terminal, gives a sign of life now and then."""
        now = time.monotonic()
        at_work = " · ".join(
            f"{title} {now - since:.0f} s" for title, since in self._running.values()
        )
        if self._live and at_work:
            width = shutil.get_terminal_size().columns - 1
            line = f"[{self._finished}/{self._total}] {at_work} …"
            self._stream.write(f"\r\x1b[2K{line[:width]}")
            self._stream.flush()
        elif at_work and now - self._last_word >= HEARTBEAT_S:
            self._say(f"      still at work: {at_work}")

    def close(self) -> None:
        """Takes the live line away."""
        if self._live:
            self._stream.write("\r\x1b[2K")
            self._stream.flush()

    def _explain(self, job: Job, outcome: Outcome) -> None:
        if outcome.tail:
            self._say("\n".join(f"      | {line}" for line in outcome.tail.splitlines()))
        self._say(f"      What failed: {job.title}: {outcome.reason}")
        advice = outcome.advice or job.advice
        if advice:
            self._say(f"      What to do: {advice}")

    def _say(self, text: str) -> None:
        self.close()
        self._stream.write(f"{text}\n")
        self._stream.flush()
        self._last_word = time.monotonic()
