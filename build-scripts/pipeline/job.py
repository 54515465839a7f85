"""What a job is, and how one ends."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.command import CommandLog


class JobFailed(Exception):
    """A job could not do its work: `reason` says why, `advice` what to do about it."""

    def __init__(self, reason: str, *, advice: str = "", tail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.advice = advice
        self.tail = tail


def never_settled() -> bool:
    """For jobs that are done anew every time."""
    return False


@dataclass(frozen=True)
class Job:
    """One step. `run` gets the log to write to and raises JobFailed when it cannot finish."""

    name: str
    title: str
    run: Callable[[CommandLog], None]
    # Must have succeeded before; when one of them is done anew, so is this.
    needs: tuple[str, ...] = ()
    # Must be over before, whichever way it went.
    after: tuple[str, ...] = ()
    # True when there is nothing to do.
    settled: Callable[[], bool] = never_settled
    # Runs while nothing else does: for work that measures or starts a real engine.
    alone: bool = False
    # Mostly waits, for the network or for programs that wait: takes no worker's place.
    waits: bool = False
    advice: str = ""


class Ending(Enum):
    """How a job ended."""

    DONE = "ok"
    FAILED = "FAILED"
    NOT_RUN = "not run"


@dataclass(frozen=True)
class Outcome:
    """A job's ending, with the seconds it took and, when it failed, why."""

    ending: Ending
    seconds: float = 0.0
    # Of processors, by what was started and awaited: no servers that live on. 0 on Windows.
    cpu_s: float = 0.0
    reason: str = ""
    tail: str = ""
    advice: str = ""
