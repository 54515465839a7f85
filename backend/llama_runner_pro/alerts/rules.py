"""When an alarm begins and when it ends. Pure: what was seen and the time in, a verdict out.

Two guards keep alarms from fluttering. A condition must hold for a while before it counts, and
must be gone for a while before it is over; and a value has to fall clearly below the limit that
raised the alarm, not just under it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from llama_runner_pro.core.value_object import ValueObject

if TYPE_CHECKING:
    from collections.abc import Sequence

Signal = Literal["hot", "between", "cool"]
"""`hot` speaks for an alarm, `cool` for its end, `between` for neither."""
Turn = Literal["raised", "cleared"]


class Track(ValueObject, frozen=True):
    """Where one condition is on its way to an alarm and back."""

    phase: Literal["quiet", "pending", "active", "clearing"] = "quiet"
    since_s: float = 0.0


class Durations(ValueObject, frozen=True):
    """How long a condition must hold, and be gone."""

    for_s: float
    clear_for_s: float


QUIET = Track()


def step(
    track: Track, signal: Signal, now_s: float, durations: Durations
) -> tuple[Track, Turn | None]:
    """Take in a signal at a time; what is held is told by signals that come again."""
    if track.phase in ("quiet", "pending"):
        return _towards_alarm(track, signal, now_s, durations.for_s)
    return _towards_end(track, signal, now_s, durations.clear_for_s)


def _towards_alarm(
    track: Track, signal: Signal, now_s: float, for_s: float
) -> tuple[Track, Turn | None]:
    if signal != "hot":
        return QUIET, None
    since_s = track.since_s if track.phase == "pending" else now_s
    if now_s - since_s >= for_s:
        return Track("active", now_s), "raised"
    return Track("pending", since_s), None


def _towards_end(
    track: Track, signal: Signal, now_s: float, clear_for_s: float
) -> tuple[Track, Turn | None]:
    if signal != "cool":
        return (track if track.phase == "active" else Track("active", now_s)), None
    since_s = track.since_s if track.phase == "clearing" else now_s
    if now_s - since_s >= clear_for_s:
        return QUIET, "cleared"
    return Track("clearing", since_s), None


def due_s(track: Track, durations: Durations) -> float | None:
    """When the same signal, still holding, will turn it; None when it never will."""
    if track.phase == "pending":
        return track.since_s + durations.for_s
    if track.phase == "clearing":
        return track.since_s + durations.clear_for_s
    return None


def level(value: float, *, above: float, clear_below: float) -> Signal:
    """A value against a limit; between the two bounds it says nothing."""
    if value > above:
        return "hot"
    return "cool" if value < clear_below else "between"


def repeated(times_s: Sequence[float], now_s: float, *, count: int, window_s: float) -> Signal:
    """Hot while `count` of these times lie within the window that ends now."""
    recent = sum(now_s - window_s < at_s <= now_s for at_s in times_s)
    return "hot" if recent >= count else "cool"
