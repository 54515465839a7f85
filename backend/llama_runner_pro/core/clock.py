"""Time as a value that is handed in, so that tests own it."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """Every wait and every timestamp of the sidecar goes through one of these."""

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back; for windows, deadlines and ages."""
        ...

    def wall_ms(self) -> int:
        """Milliseconds since the Unix epoch; for showing to people and for the wire."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait `seconds` (0 yields once). Cancelling is safe and has no effect to undo."""
        ...


class SystemClock:
    """The machine's own clocks."""

    # Asked a dozen times for each request at the gateway: without a call of ours in between.
    monotonic = staticmethod(time.monotonic)
    """Seconds on a clock that never goes back."""

    def wall_ms(self) -> int:
        """Milliseconds since the Unix epoch."""
        return time.time_ns() // 1_000_000

    async def sleep(self, seconds: float) -> None:
        """Wait `seconds`; cancelling is safe."""
        await asyncio.sleep(max(0.0, seconds))
