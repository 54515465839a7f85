"""The right to send one request: a slot, a breaker's attempt, and who has to hear of its end."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llama_runner_pro.endpoints.traffic import Ending
    from llama_runner_pro.gateway.fleet import Fleet
    from llama_runner_pro.gateway.guest import Guest
    from llama_runner_pro.gateway.ports import Upstream
    from llama_runner_pro.gateway.standing import Standing
    from llama_runner_pro.resilience.breaker import Attempt, Breaker
    from llama_runner_pro.resilience.bulkhead import Slots


class Lane:
    """A model on a server: its slots, its breaker, and whether it asked to be left alone."""

    __slots__ = ("breaker", "busy_until_s", "slots")

    def __init__(self, slots: Slots, breaker: Breaker) -> None:
        self.slots, self.breaker = slots, breaker
        self.busy_until_s = -math.inf

    def free(self, now_s: float) -> int:
        """Requests that it would take."""
        return self.slots.free if self.busy_until_s <= now_s else 0


class Grant:
    """Satisfies `ports.Lease`."""

    __slots__ = (
        "_fleet", "attempt", "began_s", "guest", "keep_alive_s", "lane", "load_ms", "queue_ms",
        "standing", "upstream",
    )  # fmt: skip

    def __init__(
        self,
        fleet: Fleet,
        standing: Standing,
        lane: Lane,
        attempt: Attempt,
        upstream: Upstream,
        began_s: float,
        keep_alive_s: float | None,
        guest: Guest | None = None,
    ) -> None:
        self._fleet: Fleet | None = fleet
        self.standing, self.lane, self.attempt = standing, lane, attempt
        self.upstream, self.began_s, self.keep_alive_s = upstream, began_s, keep_alive_s
        self.guest = guest
        self.queue_ms = self.load_ms = 0.0

    def began(self) -> None:
        """A trial that brings forth an answer has succeeded; how it ends counts like any other."""
        if self.attempt.trial and self._fleet is not None:
            self.lane.breaker.succeeded(self.attempt)
            self.attempt = self.lane.breaker.admit() or self.attempt

    def end(self, ending: Ending, *, retry_after_s: float | None = None) -> None:
        """Give everything back. A second call is nothing."""
        fleet, self._fleet = self._fleet, None
        if fleet is not None:
            fleet.ended(self, ending, retry_after_s)
