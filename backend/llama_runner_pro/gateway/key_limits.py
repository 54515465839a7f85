"""What one API key may do: with which models, requests per minute and requests at once."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from llama_runner_pro.config.gateway_rules import name_key
from llama_runner_pro.core.errors import Saturated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llama_runner_pro.config.gateway import KeySpec
    from llama_runner_pro.gateway.ports import Meant

WINDOW_S = 60.0


def opens(models: Sequence[str], meant: Meant) -> bool:
    """Whether a key for `models` is one for this model, whichever of its names stands there; that
    of its server stands for all models of that one. Without any it opens all.
    """
    allowed = {name_key(name) for name in models}
    names = (meant.name, meant.endpoint, *meant.aliases)
    return not allowed or any(name_key(name) in allowed for name in names)


class KeyLimits:
    """Counts the requests of one key. At most `requests_per_minute` times are remembered."""

    def __init__(self, spec: KeySpec) -> None:
        self.spec = spec
        self._begun_s: deque[float] = deque()
        self.in_flight = 0

    def enter(self, now_s: float) -> None:
        """Count one more request. Raises `Saturated`; then it does not count."""
        spec = self.spec
        if spec.max_parallel is not None and self.in_flight >= spec.max_parallel:
            raise Saturated(
                f"the key {spec.name!r} has {self.in_flight} requests at once, its limit", 1.0
            )
        if spec.requests_per_minute is not None:
            while self._begun_s and now_s - self._begun_s[0] >= WINDOW_S:
                self._begun_s.popleft()
            if len(self._begun_s) >= spec.requests_per_minute:
                raise Saturated(
                    f"the key {spec.name!r} may make {spec.requests_per_minute} requests a minute",
                    WINDOW_S - (now_s - self._begun_s[0]),
                )
            self._begun_s.append(now_s)
        self.in_flight += 1

    def leave(self) -> None:
        """One of its requests ended."""
        self.in_flight -= 1
