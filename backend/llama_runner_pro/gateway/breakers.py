"""One breaker per endpoint and model on it, and what people see and do of them."""

from __future__ import annotations

import logging
import random
from typing import TYPE_CHECKING

from llama_runner_pro.core.topic import Topic
from llama_runner_pro.endpoints.traffic import FAILURES, BreakerView
from llama_runner_pro.resilience.breaker import Breaker

if TYPE_CHECKING:
    from collections.abc import Callable

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.endpoints.traffic import BreakerCommand, Ending
    from llama_runner_pro.resilience.breaker import Attempt

_log = logging.getLogger(__name__)
_WORDS: dict[Ending, str] = {
    "connect_failed": "no connection",
    "server_error": "it answered with an error of its own",
    "no_first_byte": "no answer in time",
    "stalled": "it fell silent in the middle of an answer",
    "cut_off": "its answer was cut off",
    "garbled": "its answer could not be understood",
}


class Breakers:
    """All breakers. Every change is logged and published. Use from the event loop only."""

    def __init__(self, clock: Clock, rand: Callable[[], float] = random.random) -> None:
        self._clock, self._rand = clock, rand
        self._breakers: dict[tuple[str, str], Breaker] = {}
        self._incarnations: dict[str, int] = {}
        self._since: dict[tuple[str, str], tuple[float, int]] = {}
        """When each last changed, on both clocks: as first read, so that it does not waver."""
        self.topic: Topic[BreakerView] = Topic()

    def of(self, endpoint: str, model: str) -> Breaker:
        """The breaker of a model on an endpoint; made when first asked for."""
        key = endpoint, model
        breaker = self._breakers.get(key)
        if breaker is None:
            breaker = Breaker(self._clock.monotonic, self._rand, lambda: self._changed(key))
            self._breakers[key] = breaker
        return breaker

    def ended(self, breaker: Breaker, attempt: Attempt, ending: Ending) -> None:
        """A request that was let through has ended."""
        if ending == "ok":
            breaker.succeeded(attempt)
        elif ending in FAILURES:
            breaker.failed(attempt, _WORDS[ending])
        else:
            breaker.released(attempt)

    def ready(self, endpoint: str) -> None:
        """An active check found that endpoint ready."""
        for breaker in self._of(endpoint):
            breaker.ready()

    def incarnated(self, endpoint: str, incarnation: int) -> None:
        """That endpoint's process has this number; a new number is a new process."""
        before = self._incarnations.get(endpoint)
        self._incarnations[endpoint] = incarnation
        if before is not None and incarnation != before:
            for breaker in self._of(endpoint):
                breaker.restarted()

    def forget(self, endpoint: str) -> None:
        """That endpoint is no longer configured."""
        self._incarnations.pop(endpoint, None)
        for key in [key for key in self._breakers if key[0] == endpoint]:
            del self._breakers[key]
            self._since.pop(key, None)

    def views(self) -> list[BreakerView]:
        """All that exist, in a steady order."""
        return [self._view(key) for key in sorted(self._breakers)]

    def command(self, endpoint: str, model: str, command: BreakerCommand) -> BreakerView:
        """Open or close by hand, or go back to its own rules."""
        breaker = self.of(endpoint, model)
        if command == "force_open":
            breaker.force_open()
        elif command == "force_close":
            breaker.force_close()
        else:
            breaker.reset()
        return self._view((endpoint, model))

    def _of(self, endpoint: str) -> list[Breaker]:
        return [breaker for key, breaker in self._breakers.items() if key[0] == endpoint]

    def _changed(self, key: tuple[str, str]) -> None:
        if key not in self._breakers:
            # A request outlived its endpoint.
            return
        view = self._view(key)
        by_hand = " by hand" if view.forced else ""
        why = f" ({view.reason})" if view.reason and not view.forced else ""
        level = logging.WARNING if view.state == "open" else logging.INFO
        _log.log(level, "breaker of %s on %s: %s%s%s", key[1], key[0], view.state, by_hand, why)
        self.topic.publish(view)

    def _view(self, key: tuple[str, str]) -> BreakerView:
        breaker = self._breakers[key]
        state = breaker.state
        calls, failures = breaker.counts()
        retry_at_s, since_s = breaker.retry_at_s, breaker.since_s
        if self._since.get(key, (None, 0))[0] != since_s:
            ago_ms = _ms(self._clock.monotonic() - since_s)
            self._since[key] = since_s, self._clock.wall_ms() - ago_ms
        since_ms = self._since[key][1]
        return BreakerView(
            endpoint=key[0],
            model=key[1],
            state=state,
            reason=breaker.reason,
            failures=breaker.failures,
            calls_60s=calls,
            failures_60s=failures,
            since_ms=since_ms,
            retry_at_ms=None if retry_at_s is None else since_ms + _ms(retry_at_s - since_s),
            forced=breaker.forced,
        )


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
