"""A deadline on somebody else's clock."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from llama_runner_pro.core.clock import Clock


async def finishes_within(clock: Clock, seconds: float, wait: Coroutine[Any, Any, None]) -> bool:
    """Await `wait` for at most `seconds`; False when time ran out, and then `wait` is cancelled.

    An error of `wait` is raised here. Cancelling ends both.
    """
    waiting = asyncio.ensure_future(wait)
    timer = asyncio.ensure_future(clock.sleep(seconds))
    try:
        await asyncio.wait({waiting, timer}, return_when=asyncio.FIRST_COMPLETED)
        if not waiting.done():
            return False
        waiting.result()
        return True
    finally:
        for task in (waiting, timer):
            task.cancel()
        await asyncio.gather(waiting, timer, return_exceptions=True)
