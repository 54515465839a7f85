"""How fast a client must send, so that slow ones do not hold connections for ever."""

from __future__ import annotations

from typing import Literal

HEAD_S = 20.0
"""A request's head must have come within this time; also the first one of a connection."""
BODY_S = 30.0
BODY_BYTES_PER_S = 10_000
"""A body may take `BODY_S`, and longer as long as it comes at least this fast."""
LINGER_S = 2.0
"""After a refusal the rest of a body is read and dropped, so that the client sees the answer."""
KEEP_ALIVE_S = 60.0
"""An idle connection is closed after this time."""

State = Literal["head", "body", "served", "idle", "linger"]


class ClientPace:
    """What is awaited of one client. It reads no clock: whoever looks brings the time, and a state
    counts from the first look that finds it.
    """

    __slots__ = ("_seen", "_seen_s", "_turn", "body_bytes", "state")

    def __init__(self) -> None:
        self.state: State = "head"
        self.body_bytes = 0
        """Of the body that is being read."""
        self._turn = 0
        self._seen: tuple[State, int] | None = None
        self._seen_s = 0.0

    def enter(self, state: State) -> None:
        """Something else is awaited now."""
        self.state = state
        self._turn += 1
        self.body_bytes = 0

    def verdict(self, now_s: float, *, paused: bool) -> Literal["too_slow", "close"] | None:
        """What must be done. `paused`: it is us who do not read."""
        seen = (self.state, self._turn)
        if seen != self._seen or paused:
            self._seen, self._seen_s = seen, now_s
            return None
        waited_s = now_s - self._seen_s
        if self.state == "head":
            return "too_slow" if waited_s > HEAD_S else None
        if self.state == "body":
            allowed_s = BODY_S + self.body_bytes / BODY_BYTES_PER_S
            return "too_slow" if waited_s > allowed_s else None
        if self.state == "idle":
            return "close" if waited_s > KEEP_ALIVE_S else None
        return "close" if self.state == "linger" and waited_s > LINGER_S else None
