"""That the sidecar is to end, how soon, and whether its models go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from llama_runner_pro.core.clock import Clock

WITHIN_S = 10.0
"""What SIGTERM promises."""
_MODELS_WITHIN_S = 8.0
_GOODBYE_S = 0.5
"""Kept back for writing down what must be, after the models."""
_LEAST_S = 1.0


class Leaving:
    """Somebody asked the sidecar to end: a signal, the API, or the desktop window.

    Use from the event loop's thread only.
    """

    def __init__(self, clock: Clock, *, keep_models: bool = False) -> None:
        """`keep_models` holds for whoever asks without a word about them."""
        self.asked = False
        self.keep_models = keep_models
        self._clock = clock
        self._by_s = 0.0
        self._stops: list[Callable[[], None]] = []

    def listen(self, stop: Callable[[], None]) -> None:
        """Call `stop` each time somebody asks, and at once when somebody has."""
        self._stops.append(stop)
        if self.asked:
            stop()

    def ask(self, *, keep_models: bool | None = None, within_s: float = WITHIN_S) -> None:
        """End within `within_s` seconds. The first to ask decides how; asking again hurries.

        Models that were to be kept (for a restart) end after all when somebody then asks for that
        (quits): nothing may outlive a window that is gone.
        """
        if not self.asked:
            self.asked = True
            self._by_s = self._clock.monotonic() + within_s
            if keep_models is not None:
                self.keep_models = keep_models
        elif keep_models is False:
            self.keep_models = False
        for stop in self._stops:
            stop()

    def models_within_s(self) -> float:
        """How long the models may take from now on; at least a second."""
        left_s = self._by_s - self._clock.monotonic() - _GOODBYE_S
        return max(_LEAST_S, min(_MODELS_WITHIN_S, left_s))
