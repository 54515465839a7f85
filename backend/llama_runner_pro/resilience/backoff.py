"""How long to wait before the next attempt."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def delay_s(
    attempt: int,
    *,
    initial_s: float,
    factor: float = 2.0,
    max_s: float,
    jitter: float,
    rand: Callable[[], float],
) -> float:
    """Seconds to wait before attempt number `attempt`, where attempt 1 waits `initial_s`.

    Each further attempt waits `factor` times longer. `jitter` is the share by which the result
    varies both ways; `rand` gives numbers in [0, 1). The result is never above `max_s`, jitter
    included, and never below 0. Raises `ValueError` for an attempt below 1.
    """
    if attempt < 1:
        raise ValueError("attempts are counted from 1")
    varied = 1.0 + jitter * (2.0 * rand() - 1.0)
    return max(0.0, min(max_s, _grown_s(attempt, initial_s, factor, max_s) * varied))


def _grown_s(attempt: int, initial_s: float, factor: float, max_s: float) -> float:
    """The delay before jitter; large attempt numbers reach the cap instead of overflowing."""
    if initial_s <= 0:
        return 0.0
    if initial_s >= max_s:
        return max_s
    steps = attempt - 1
    if factor > 1 and steps * math.log(factor) >= math.log(max_s / initial_s):
        return max_s
    return initial_s * factor**steps
