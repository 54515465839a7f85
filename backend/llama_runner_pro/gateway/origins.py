"""Which web pages may call the gateway (the Fetch standard's CORS protocol)."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from llama_runner_pro.endpoints.traffic import RefusedOrigin

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llama_runner_pro.core.clock import Clock

ANY = "*"
_REFUSED_KEPT = 50
_ORIGIN_LIMIT = 200


class Origins:
    """The allowed origins, and those that were refused. A pattern without port fits any port."""

    def __init__(self, patterns: Iterable[str], clock: Clock) -> None:
        self._clock = clock
        self._refused: OrderedDict[str, RefusedOrigin] = OrderedDict()
        self._verdicts: dict[str, bool] = {}
        self.configure(patterns)

    def configure(self, patterns: Iterable[str]) -> None:
        """Take other patterns; refused pages that they let in are forgotten."""
        self._patterns = tuple(pattern.lower().rstrip("/") for pattern in patterns)
        self._verdicts.clear()
        for origin in [one for one in self._refused if self._fits(one)]:
            del self._refused[origin]

    def allows(self, origin: str) -> bool:
        """Whether a page of this origin may call us; a refusal is remembered."""
        known = self._verdicts.get(origin)
        if known is None:
            if len(self._verdicts) > _REFUSED_KEPT:
                self._verdicts.clear()
            known = self._verdicts[origin] = self._fits(origin)
        if not known:
            self._note(origin[:_ORIGIN_LIMIT])
        return known

    def refused(self) -> list[RefusedOrigin]:
        """The last fifty pages that were turned away, newest first."""
        return list(reversed(self._refused.values()))

    def _fits(self, origin: str) -> bool:
        text = origin.lower().rstrip("/")
        if ANY in self._patterns or text in self._patterns:
            return True
        scheme, separator, rest = text.partition("://")
        if not separator or not rest:
            return False
        if scheme not in ("http", "https"):
            # An editor's or an app's own pages: the rest of their origin is a random name.
            return f"{scheme}:" in self._patterns
        host = rest.rpartition(":")[0] if _has_port(rest) else rest
        return f"{scheme}://{host}" in self._patterns

    def _note(self, origin: str) -> None:
        before = self._refused.pop(origin, None)
        count = 1 if before is None else before.count + 1
        self._refused[origin] = RefusedOrigin(
            origin=origin, count=count, last_ms=self._clock.wall_ms()
        )
        if len(self._refused) > _REFUSED_KEPT:
            self._refused.popitem(last=False)


def _has_port(authority: str) -> bool:
    """`localhost:8080` and `[::1]:8080`, but not `[::1]`."""
    _, colon, port = authority.rpartition(":")
    return bool(colon) and port.isdigit()
