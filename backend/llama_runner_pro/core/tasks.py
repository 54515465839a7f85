"""A guard for long-lived tasks: nobody dies unnoticed."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from llama_runner_pro.core.clock import Clock

_log = logging.getLogger(__name__)


async def guarded(
    name: str,
    body: Callable[[], Awaitable[None]],
    clock: Clock,
    *,
    retry_s: float = 1.0,
) -> None:
    """Run `body` until it returns; when it fails, log why and run it again after `retry_s`.

    For loops that must outlive a bug in one round (a collector, a monitor). Cancelling ends it,
    also when `body` fails while it is being cancelled: that is reported, and not run again.
    """
    task = asyncio.current_task()
    while True:
        try:
            await body()
        except asyncio.CancelledError:
            raise
        except Exception:  # noqa: BLE001 - the one place where any bug is reported, not fatal
            if task is not None and task.cancelling():
                _log.exception("%s did not end as it should", name)
                raise asyncio.CancelledError from None
            _log.exception("%s stopped unexpectedly and is started again", name)
            await clock.sleep(retry_s)
        else:
            return
