"""Running totals turned into rates, safe against counters that start over."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Rates:
    """Remembers the last total of each name."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[float, float]] = {}

    def per_second(self, name: str, total: float, now_s: float) -> float | None:
        """Growth per second since the call before.

        None for the first call, for a total that went back (counter reset, interface
        re-plugged), and when no time has passed.
        """
        before = self._last.get(name)
        if before is not None and now_s <= before[1]:
            return None
        self._last[name] = (total, now_s)
        if before is None or total < before[0]:
            return None
        return (total - before[0]) / (now_s - before[1])

    def keep(self, names: set[str]) -> None:
        """Forget all names but these."""
        for name in self._last.keys() - names:
            del self._last[name]


def sum_known(rates: Iterable[float | None]) -> float | None:
    """The sum of the rates that are known; None when none is."""
    known = [rate for rate in rates if rate is not None]
    return sum(known) if known else None
