"""Something that can be loaded and unloaded: a server, or one model within a server of several."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from llama_runner_pro.resilience.backoff import delay_s

if TYPE_CHECKING:
    from llama_runner_pro.gateway.routing import Phase

COOLING_S, COOLING_MAX_S = 10.0, 300.0


class Place:
    """Who works there and who waits for it. Written by the admission alone."""

    def __init__(self) -> None:
        self.in_flight = 0
        self.last_used_s = -math.inf
        self.loading = False
        """We have begun to load it, or to make room for it."""
        self.leaving = False
        """It is about to be unloaded: nothing new goes there."""
        self.draining = False
        """It must become idle, because somebody waits for its room."""
        self.keep_s: float | None = None
        """How long it stays after its last request; None: for ever."""
        self.serving_since_s: float | None = None
        self.failures = 0
        self.cooling_until_s = -math.inf
        self.failure: str | None = None

    @property
    def name(self) -> str:
        """Under which nothing else is loaded; also what people are told."""
        raise NotImplementedError

    @property
    def serving(self) -> bool:
        """It answers requests, and may get more."""
        raise NotImplementedError

    @property
    def running(self) -> bool:
        """It holds memory, or will in a moment."""
        raise NotImplementedError

    def phase(self) -> Phase:
        """In the words of routing."""
        raise NotImplementedError

    def words(self) -> str:
        """Why it is not ready."""
        raise NotImplementedError

    def loaded(self) -> None:
        """It serves: earlier failures to load it are forgiven."""
        self.failures, self.failure, self.cooling_until_s = 0, None, -math.inf

    def load_failed(self, reason: str, now_s: float) -> None:
        """It could not be loaded: not again before 10 s, 20 s … 5 min."""
        self.failures += 1
        self.failure = reason
        self.cooling_until_s = now_s + delay_s(
            self.failures, initial_s=COOLING_S, max_s=COOLING_MAX_S, jitter=0, rand=float
        )
