"""Requests that were refused before anybody was asked to serve them, for the list of requests."""

from __future__ import annotations

import itertools
import logging
import math
from typing import TYPE_CHECKING

from llama_runner_pro.core.errors import ClientGone
from llama_runner_pro.endpoints.traffic import RequestRecord
from llama_runner_pro.gateway.dialects import error_answer
from llama_runner_pro.gateway.journal import LONGEST_CLIENT

if TYPE_CHECKING:
    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.core.errors import GatewayError
    from llama_runner_pro.endpoints.traffic import Operation, RequestSink
    from llama_runner_pro.gateway.dispatch import Visit

_log = logging.getLogger(__name__)
AT_ONCE, EACH_S = 20, 0.5
"""So many are listed at once, and one more in each such time: whoever knocks a thousand times must
not push everything else out of the list.
"""
LONGEST_MODEL = 200
_numbers = itertools.count(1)
_OPERATIONS: tuple[tuple[str, Operation], ...] = (
    ("/chat/completions", "chat"),
    ("/chat", "chat"),
    ("/completions", "completion"),
    ("/api/generate", "completion"),
    ("/embeddings", "embedding"),
    ("/api/embed", "embedding"),
    ("/responses", "response"),
    ("/messages", "messages"),
    ("/count_tokens", "count_tokens"),
    ("/rerank", "rerank"),
)


class Refusals:
    """Tells the sink of them. Use from the event loop only."""

    def __init__(self, sink: RequestSink, clock: Clock) -> None:
        self._sink, self._clock = sink, clock
        self._left, self._since_s = float(AT_ONCE), -math.inf

    def note(self, visit: Visit, model: str | None, error: GatewayError) -> None:
        """One request was refused with `error`. One whose client has left is nothing."""
        if isinstance(error, ClientGone):
            return
        if not self._may_list():
            _log.debug("refused on %s, not listed: %s", visit.path, error)
            return
        t_ms = self._clock.wall_ms()
        self._sink.requested(
            RequestRecord(
                id=f"{t_ms:x}-r{next(_numbers):x}",
                t_ms=t_ms,
                surface=visit.surface,
                operation=visit.operation,
                path=visit.path,
                model=model and model[:LONGEST_MODEL],
                stream=visit.stream,
                key=visit.key,
                client=visit.client and visit.client[:LONGEST_CLIENT],
                status=error_answer(visit.surface, error).status,
                ending="never_started",
                error=str(error) or None,
                bytes_in=visit.bytes_in,
            )
        )

    def _may_list(self) -> bool:
        now_s = self._clock.monotonic()
        self._left = min(float(AT_ONCE), self._left + (now_s - self._since_s) / EACH_S)
        self._since_s = now_s
        if self._left < 1:
            return False
        self._left -= 1
        return True


def operation_of(path: str) -> Operation:
    """What a request on that path wants to have done."""
    return next((told for end, told in _OPERATIONS if path.endswith(end)), "other")
