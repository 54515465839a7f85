"""A time limit around any piece of awaiting, counted by a `Clock`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

    from llama_runner_pro.core.clock import Clock


class Deadline:
    """`async with Deadline(clock, 2.0): ...` raises `TimeoutError` when the body takes longer.

    Like `asyncio.timeout`, but tests own the time. A cancellation from outside passes through
    unchanged, also when it arrives together with the end of the time limit.
    """

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds
        self._expired = False

    async def __aenter__(self) -> Deadline:
        """Start counting."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a deadline needs a running task")
        self._task = task
        self._cancels_before = task.cancelling()
        self._timer = asyncio.get_running_loop().create_task(self._expire())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop counting; turn our own cancellation into `TimeoutError`."""
        self._timer.cancel()
        if not self._expired:
            return
        others = self._task.uncancel() > self._cancels_before
        if not others and kind is not None and issubclass(kind, asyncio.CancelledError):
            raise TimeoutError from error

    async def _expire(self) -> None:
        await self._clock.sleep(self._seconds)
        self._expired = True
        self._task.cancel()
