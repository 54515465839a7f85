"""The envelope of the `/api/ai-monitor` family, and times as its clients read them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, TypeVar

from llama_runner_pro.api.schemas import Envelope

if TYPE_CHECKING:
    from llama_runner_pro.core.clock import Clock

T = TypeVar("T")


def iso_time(wall_ms: int) -> str:
    """ISO 8601 in UTC, to the millisecond."""
    return datetime.fromtimestamp(wall_ms / 1000, UTC).isoformat(timespec="milliseconds")


def iso_or_none(wall_ms: int | None) -> str | None:
    """As `iso_time`; None stays None."""
    return None if wall_ms is None else iso_time(wall_ms)


def envelope(
    clock: Clock,
    message: str,
    data: T,
    status: Literal["success", "warning", "error"] = "success",
) -> Envelope[T]:
    """Wrap `data` with a sentence for people and the time of the answer."""
    return Envelope(status=status, message=message, data=data, timestamp=iso_time(clock.wall_ms()))


def unless_kept(message: str, why: str | None) -> str:
    """`message` about a switch; with `why` it is only in force until the next start, in words."""
    if why is None:
        return message
    return (
        f"{message}, but only until the sidecar is restarted: the choice could not be written "
        f"({why}). Make room on the disk or make it writable; it is tried again every 2 s."
    )
