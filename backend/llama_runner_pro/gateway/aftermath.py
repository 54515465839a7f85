"""What is left to do for a request when its client has the answer: at the end of the loop's turn,
for many requests at once.
"""

from __future__ import annotations

import asyncio
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

    def add(self, passed: Passed) -> None:
        """Do what is left for it, soon."""
        if not self._passed:
            asyncio.get_running_loop().call_soon(self.settle)
        self._passed.append(passed)

    def settle(self) -> None:
        """Do it now."""
        passed = self._passed
        try:
            while passed:
                self._settle(passed.popleft())
        finally:
            if passed:
                # One of them failed, which the loop tells of; the others are not to blame.
                asyncio.get_running_loop().call_soon(self.settle)

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
        entry.end("ok", None)
