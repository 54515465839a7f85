"""One scan for everybody who asks while it runs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from llama_runner_pro.supervision.discovery.findings import Discovery


class SharedScan:
    """Runs a scan when asked; whoever asks meanwhile gets the same result."""

    def __init__(self, scan: Callable[[], Awaitable[Discovery]]) -> None:
        self._scan = scan
        self._running: asyncio.Future[Discovery] | None = None

    async def scan(self) -> Discovery:
        """The result of the scan that runs, or of a new one. Raises what the scan raises.

        Cancelling one of several callers leaves the others theirs: the next one scans anew.
        """
        while self._running is not None:
            running = self._running
            await asyncio.wait([running])
            if not running.cancelled():
                return running.result()
        return await self._lead()

    async def _lead(self) -> Discovery:
        self._running = running = asyncio.get_running_loop().create_future()
        try:
            result = await self._scan()
        except BaseException:
            # Whoever waits scans for itself, and learns of the same trouble first-hand.
            running.cancel()
            raise
        else:
            running.set_result(result)
            return result
        finally:
            self._running = None
