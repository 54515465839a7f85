"""What is left to do for a request when its client has the answer: a moment later, for many
requests at once, so that the next one does not wait for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from llama_runner_pro.gateway.dispatch import Visit
from llama_runner_pro.gateway.journal import Entry
from llama_runner_pro.gateway.tap import Tap

if TYPE_CHECKING:
    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.endpoints.traffic import RequestSink
    from llama_runner_pro.gateway.ports import Lease
    from llama_runner_pro.gateway.relay import Arrival


_log = logging.getLogger(__name__)
LATER_S = 0.002
AT_ONCE = 16
"""So many are not put off any longer."""


class Passed(NamedTuple):
    """A request that was answered whole."""

    arrival: Arrival
    model: str
    lease: Lease
    status: int
    bytes_in: int
    body: bytes
    """Of the answer."""
    began: tuple[int, float]
    """Wall and monotonic time."""
    heard_s: float


class Aftermath:
    """Ends leases and makes records. Use from the event loop only."""

    def __init__(self, sink: RequestSink, clock: Clock) -> None:
        self._sink, self._clock = sink, clock
        self._passed: deque[Passed] = deque()
        self._is_due = False
        """`settle` will be called."""

    def add(self, passed: Passed) -> None:
        """Do what is left for it, soon."""
        self._passed.append(passed)
        if len(self._passed) >= AT_ONCE:
            self.settle()
        elif not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_later(LATER_S, self._due)

    def settle(self) -> None:
        """Do it now: somebody needs to know how all stands."""
        passed = self._passed
        while passed:
            one = passed.popleft()
            try:
                self._settle(one)
            except Exception:  # noqa: BLE001 - reported here; the others are not to blame
                _log.exception("the end of a request could not be noted")

    def _due(self) -> None:
        self._is_due = False
        self.settle()

    def _settle(self, one: Passed) -> None:
        arrival, route = one.arrival, one.arrival.route
        assert route is not None
        one.lease.end("ok")
        visit = Visit(
            surface=route.surface,
            operation=route.operation,
            path=arrival.path,
            client=arrival.client,
            key=arrival.visitor.key,
            bytes_in=one.bytes_in,
        )
        entry = Entry(one.model, visit, self._sink, self._clock, None, one.began)
        entry.lease, entry.status = one.lease, one.status
        entry.tap = Tap(streaming=False)
        entry.tap.observe(one.body, one.heard_s)
        entry.end("ok", None, one.heard_s)
