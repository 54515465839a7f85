"""What is left to do for a request when its client has the answer: in the next quiet moment, a few
requests at a time, so that no other one waits for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from llama_runner_pro.endpoints.traffic import RequestRecord
from llama_runner_pro.gateway.journal import LONGEST_CLIENT, id_of, request_numbers
from llama_runner_pro.gateway.tap_numbers import numbers_of_answer

if TYPE_CHECKING:
    from llama_runner_pro.endpoints.traffic import RequestSink
    from llama_runner_pro.gateway.ports import Lease
    from llama_runner_pro.gateway.relay import Arrival


_log = logging.getLogger(__name__)
LATER_S = 0.002
"""When no other answer came for so long, the moment is quiet."""
_LOOKS = 4
"""If it is not by then, it is not waited for any longer."""
AT_ONCE = 2
"""So many are done in one go: whoever asks meanwhile waits for no more than these."""
ALONE_AT_ONCE = 8
"""For a client who is alone: only one of its requests can meet them, most meet none."""
MOST, HEAP = 128, 64
"""So many are not put off any longer, and that many of them are done in one go: under a full load
a request takes a sixth less of the processor than with a few at a time.
"""


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

    def __init__(self, sink: RequestSink) -> None:
        self._sink = sink
        self._passed: deque[Passed] = deque()
        self._is_due = False
        """`_due` will be called."""

    def add(self, passed: Passed) -> None:
        """Do what is left for it, soon."""
        self._passed.append(passed)
        if len(self._passed) >= MOST:
            self._settle(HEAP)
        elif not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_later(LATER_S, self._due, 1, _LOOKS)

    def settle(self) -> None:
        """Do it now: somebody needs to know how all stands."""
        self._settle(len(self._passed))

    def _due(self, before: int, looks: int) -> None:
        """`before`: so many there were at the last look; `looks`: so many are left."""
        loop, count = asyncio.get_running_loop(), len(self._passed)
        if count > before and looks > 1:
            # Others are being answered right now.
            loop.call_later(LATER_S, self._due, count, looks - 1)
            return
        self._settle(self._few())
        if self._passed:
            loop.call_soon(self._due, 0, 1)
        else:
            self._is_due = False

    def _few(self) -> int:
        passed = self._passed
        # Each connection has an arrival of its own, the same one for all its usual requests.
        alone = len(passed) > 1 and passed[-1].arrival is passed[-2].arrival
        return ALONE_AT_ONCE if alone else AT_ONCE

    def _settle(self, most: int) -> None:
        passed = self._passed
        for _ in range(min(most, len(passed))):
            one = passed.popleft()
            try:
                one.lease.end("ok")
                self._sink.requested(_record(one))
            except Exception:  # noqa: BLE001 - reported here; the others are not to blame
                _log.exception("the end of a request could not be noted")


def _record(one: Passed) -> RequestRecord:
    """As an `Entry` would make it, without all that nobody can have seen of such a request."""
    arrival, route, lease = one.arrival, one.arrival.route, one.lease
    assert route is not None
    numbers, client = numbers_of_answer(one.body), arrival.client
    t_ms, began_s = one.began
    return RequestRecord(
        id=id_of(t_ms, next(request_numbers)),
        t_ms=t_ms,
        surface=route.surface,
        operation=route.operation,
        path=arrival.path,
        model=one.model,
        endpoint=lease.upstream.endpoint,
        key=arrival.visitor.key,
        client=client and client[:LONGEST_CLIENT],
        status=one.status,
        ending="ok",
        queue_ms=lease.queue_ms,
        load_ms=lease.load_ms,
        ttft_ms=numbers.ttft_ms,
        duration_ms=(one.heard_s - began_s) * 1000,
        prompt_tokens=numbers.prompt_tokens,
        cached_tokens=numbers.cached_tokens,
        generated_tokens=numbers.generated_tokens,
        prompt_tokens_per_s=numbers.prompt_tokens_per_s,
        generation_tokens_per_s=numbers.generation_tokens_per_s,
        finish_reason=numbers.finish_reason,
        token_source=numbers.source,
        bytes_in=one.bytes_in,
        bytes_out=len(one.body),
    )
