"""Noticing that the window's process is gone, should the end of its pipe not say so."""

from __future__ import annotations

import asyncio
import logging
import os
from typing import TYPE_CHECKING

from llama_runner_pro.supervision.process.identity import same_life

if TYPE_CHECKING:
    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.supervision.process.identity import Identity

LOOK_EVERY_S = 2.0
_log = logging.getLogger(__name__)


async def until_gone(window: Identity, clock: Clock) -> None:
    """Return once that process is gone, or no longer our parent if it was. Cancelling is safe.

    The identity and not the number alone: a number may be given to the next process.
    """
    was_parent = os.getppid() == window.pid
    while await asyncio.to_thread(same_life, window):
        if was_parent and os.getppid() != window.pid:
            break
        await clock.sleep(LOOK_EVERY_S)
    _log.info("the process of the window is gone")
