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


class ClientPace:
    """The deadlines of one client's connection. Times are monotonic."""

    __slots__ = ("_body_since_s", "_head_since_s", "_linger_since_s", "body_bytes")

    def __init__(self) -> None:
        self._head_since_s: float | None = None
        self._body_since_s: float | None = None
        self._linger_since_s: float | None = None
        self.body_bytes = 0
        """Of the body that is being read."""

    def head_awaited(self, now_s: float) -> None:
        """A head must come. Counted from the first call."""
        if self._head_since_s is None:
            self._head_since_s = now_s

    def head_came(self, now_s: float) -> None:
        """It is complete, and the body must come."""
        self._head_since_s, self._body_since_s = None, now_s
        self.body_bytes = 0

    def body_came(self) -> None:
        """It is complete. Nothing is expected of an idle client."""
        self._body_since_s = None

    def lingers(self, now_s: float) -> None:
        """Nobody wants what still comes."""
        self._linger_since_s = now_s

    def verdict(self, now_s: float, *, paused: bool) -> Literal["too_slow", "close"] | None:
        """What must be done. `paused`: it is us who do not read."""
        if self._linger_since_s is not None:
            return "close" if now_s - self._linger_since_s > LINGER_S else None
        if self._head_since_s is not None:
            return "too_slow" if now_s - self._head_since_s > HEAD_S else None
        if self._body_since_s is None:
            return None
        if paused:
            self._body_since_s = now_s
            return None
        allowed_s = BODY_S + self.body_bytes / BODY_BYTES_PER_S
        return "too_slow" if now_s - self._body_since_s > allowed_s else None
