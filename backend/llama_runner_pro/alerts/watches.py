"""Every condition under watch, and how far each is on its way to an alarm. Pure bookkeeping."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.alerts.rules import QUIET, Track, due_s, step
from llama_runner_pro.core.value_object import ValueObject

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from llama_runner_pro.alerts.messages import Text
    from llama_runner_pro.alerts.ports import Resolution, RuleName
    from llama_runner_pro.alerts.rules import Durations, Signal
    from llama_runner_pro.config.alerts import Severity

Key = tuple["RuleName", str]
"""A rule and what it is about."""


class Seen(ValueObject, frozen=True):
    """What was seen of one condition, with the words for either turn that it may take."""

    signal: Signal
    durations: Durations
    severity: Severity
    alarm: Text
    end: str
    resolution: Resolution = "recovered"
    endpoint: str | None = None
    incident_id: str | None = None
    holds: bool = True
    """True for a state, which lasts until told otherwise; False for a sample."""


class Raised(ValueObject, frozen=True):
    """An alarm begins."""

    key: Key
    seen: Seen


class Ended(ValueObject, frozen=True):
    """An alarm is over."""

    key: Key
    resolution: Resolution
    text: str


Change = Raised | Ended


class Watches:
    """One writer; times come from outside."""

    def __init__(self, active: Iterable[Key]) -> None:
        self._tracks: dict[Key, Track] = {key: Track("active", 0.0) for key in active}
        """Quiet ones are not kept."""
        self._held: dict[Key, Seen] = {}
        """States that will turn by themselves if they last."""

    def __iter__(self) -> Iterator[Key]:
        """Whatever is not quiet."""
        return iter(list(self._tracks))

    def feed(self, key: Key, seen: Seen, now_s: float) -> list[Change]:
        """Take in what was seen; the alarm that this raises or ends, if any."""
        track, turn = step(self._tracks.get(key, QUIET), seen.signal, now_s, seen.durations)
        self._held.pop(key, None)
        if track == QUIET:
            self._tracks.pop(key, None)
        else:
            self._tracks[key] = track
            if seen.holds and due_s(track, seen.durations) is not None:
                self._held[key] = seen
        if turn == "raised":
            return [Raised(key, seen)]
        return [Ended(key, seen.resolution, seen.end)] if turn == "cleared" else []

    def review(self, now_s: float) -> list[Change]:
        """Let time work on the states that last."""
        changes: list[Change] = []
        for key, seen in list(self._held.items()):
            due = due_s(self._tracks[key], seen.durations)
            if due is not None and due <= now_s:
                changes += self.feed(key, seen, now_s)
        return changes

    def due_s(self) -> float | None:
        """When `review` has something to do next."""
        found = (due_s(self._tracks[key], seen.durations) for key, seen in self._held.items())
        return min((due for due in found if due is not None), default=None)

    def withdraw(self, key: Key, why: str) -> list[Change]:
        """Watch this no longer; an alarm that holds ends with it."""
        track = self._tracks.pop(key, QUIET)
        self._held.pop(key, None)
        if track.phase in ("active", "clearing"):
            return [Ended(key, "withdrawn", why)]
        return []
