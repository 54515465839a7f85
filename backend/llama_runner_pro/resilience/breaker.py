"""Circuit breaker: holds requests back from what fails, and lets one through to see.

closed → open after failures; open → half-open when the wait is over, when an active check of
readiness succeeds, or when the server was started anew; half-open admits one trial, whose end
decides. Pure but for the clock and the dice that are handed in.
"""

from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING, Literal, NamedTuple

from llama_runner_pro.core.value_object import ValueObject
from llama_runner_pro.resilience.backoff import delay_s

if TYPE_CHECKING:
    from collections.abc import Callable

State = Literal["closed", "open", "half_open"]


class Limits(ValueObject, frozen=True, kw_only=True):
    """When a breaker opens, and for how long."""

    failures_in_a_row: int = 3
    share: float = 0.5
    """Of the calls within the window that must fail, from `calls` on."""
    calls: int = 5
    window_s: int = 60
    open_s: float = 5.0
    """The first time; doubles with every trial that fails."""
    open_max_s: float = 60.0
    jitter: float = 0.2


class Attempt(NamedTuple):
    """The right to one call. Its result counts only while `epoch` is the breaker's own."""

    epoch: int
    trial: bool = False


class Breaker:
    """One breaker. `changed` is called after every change of state, also by hand."""

    def __init__(
        self,
        now: Callable[[], float],
        rand: Callable[[], float],
        changed: Callable[[], None] = lambda: None,
        limits: Limits | None = None,
    ) -> None:
        """`now` gives monotonic seconds, `rand` numbers in [0, 1)."""
        self._now, self._rand, self._changed = now, rand, changed
        self._limits = limits or Limits()
        self._state: State = "closed"
        self._epoch = 0
        self._usual = Attempt(0)
        """What is handed out while it is closed."""
        self._opened = 0
        """Times it opened since it was last closed."""
        self._trial_runs = False
        self._until_s = math.inf
        self._seconds: deque[list[int]] = deque()
        """Per second with calls: the second, calls, failures. Bounded by the window."""
        self.failures = 0
        """In a row."""
        self.reason: str | None = None
        """Why it is not simply closed, in words."""
        self.forced = False
        self.since_s = now()

    @property
    def state(self) -> State:
        """The present state; an open one whose time is over shows as half-open."""
        if self._state == "open" and not self.forced and self._now() >= self._until_s:
            self._move("half_open", self.reason)
        return self._state

    @property
    def retry_at_s(self) -> float | None:
        """When an open breaker lets a trial through; None when it is not open, or by hand."""
        return self._until_s if self.state == "open" and not self.forced else None

    @property
    def passes(self) -> bool:
        """Whether `admit` would let a call through now."""
        state = self.state
        return state == "closed" or (state == "half_open" and not self._trial_runs)

    def counts(self) -> tuple[int, int]:
        """Calls and failures within the window."""
        self._forget()
        return sum(one[1] for one in self._seconds), sum(one[2] for one in self._seconds)

    def admit(self) -> Attempt | None:
        """The right to one call, or None. End it with `succeeded`, `failed` or `released`."""
        if self._state == "closed":
            return self._usual
        if not self.passes:
            return None
        self._trial_runs = self._state == "half_open"
        return Attempt(self._epoch, self._trial_runs)

    def succeeded(self, attempt: Attempt) -> None:
        """The call went well. A trial that went well closes the breaker."""
        if attempt.epoch != self._epoch:
            return
        if attempt.trial:
            self._close(None)
            return
        self.failures = 0
        self._count(failed=False)

    def failed(self, attempt: Attempt, reason: str) -> None:
        """The call failed in a way that speaks against the server."""
        if attempt.epoch != self._epoch:
            return
        self.failures += 1
        self._count(failed=True)
        if self.forced:
            return
        if attempt.trial:
            self._open(f"a trial failed: {reason}")
        elif self.failures >= self._limits.failures_in_a_row:
            self._open(f"{self.failures} calls in a row failed; the last one: {reason}")
        elif self._too_many():
            calls, failures = self.counts()
            words = f"{failures} of {calls} calls failed within {self._limits.window_s} s"
            self._open(f"{words}; the last one: {reason}")

    def released(self, attempt: Attempt) -> None:
        """The call ended without telling anything about the server."""
        if attempt.epoch == self._epoch and attempt.trial:
            self._trial_runs = False

    def ready(self) -> None:
        """An active check found the server ready: no need to wait any longer."""
        if self.state == "open" and not self.forced:
            self._move("half_open", self.reason)

    def restarted(self) -> None:
        """A new process serves now: what the old one did says little about it."""
        self._seconds.clear()
        self.failures = 0
        if self.forced:
            return
        if self.state == "closed":
            self._begin_epoch()
        else:
            self._move("half_open", "its server was started anew")

    def force_open(self) -> None:
        """Let nothing through until `reset` or `force_close`."""
        self.forced = True
        self._until_s = math.inf
        self._move("open", "opened by hand")

    def force_close(self) -> None:
        """Let everything through, whatever fails, until `reset` or `force_open`."""
        self.forced = True
        self._close("closed by hand")

    def reset(self) -> None:
        """Closed, and by its own rules again."""
        self.forced = False
        self._close(None)

    def _open(self, reason: str) -> None:
        self._opened += 1
        limits = self._limits
        wait_s = delay_s(
            self._opened,
            initial_s=limits.open_s,
            max_s=limits.open_max_s,
            jitter=limits.jitter,
            rand=self._rand,
        )
        self._until_s = self._now() + wait_s
        self._move("open", reason)

    def _close(self, reason: str | None) -> None:
        self._opened = self.failures = 0
        self._seconds.clear()
        self._move("closed", reason)

    def _move(self, state: State, reason: str | None) -> None:
        self._state, self.reason = state, reason
        self._begin_epoch()
        self._trial_runs = False
        self.since_s = self._now()
        self._changed()

    def _begin_epoch(self) -> None:
        self._epoch += 1
        self._usual = Attempt(self._epoch)

    def _too_many(self) -> bool:
        calls, failures = self.counts()
        return calls >= self._limits.calls and failures >= self._limits.share * calls

    def _count(self, *, failed: bool) -> None:
        second = int(self._now())
        if not self._seconds or self._seconds[-1][0] != second:
            self._forget()
            self._seconds.append([second, 0, 0])
        self._seconds[-1][1] += 1
        self._seconds[-1][2] += failed

    def _forget(self) -> None:
        oldest = self._now() - self._limits.window_s
        while self._seconds and self._seconds[0][0] <= oldest - 1:
            self._seconds.popleft()
