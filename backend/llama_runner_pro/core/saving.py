"""A small file that is written as a whole: one write at a time, tried again until it works."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from llama_runner_pro.core.deadline import Deadline
from llama_runner_pro.core.own_thread import in_own_thread

if TYPE_CHECKING:
    from collections.abc import Callable

    from llama_runner_pro.core.clock import Clock

    Snapshot = Callable[[], Callable[[], None] | None]
    """Called on the loop when its turn has come; what it returns writes, blocking.

    None: there is nothing to write any more.
    """

WITHIN_S = 3.0
"""A disk that has not answered by then is waited for no longer."""
AGAIN_S = 2.0

_log = logging.getLogger(__name__)


class Saving:
    """Keeps one file in step with what is in memory. Use from one event loop."""

    def __init__(self, clock: Clock, *, lost: str, kept_again: str) -> None:
        """`lost` is logged once when a write fails (`%s`: why), `kept_again` when one works."""
        self._clock, self._lost, self._kept_again = clock, lost, kept_again
        self._turn = asyncio.Lock()
        self._failed = asyncio.Event()
        self._under_way: asyncio.Future[None] | None = None
        self.refused: str | None = None
        """Why the last write did not work; None: it did."""

    async def save(self, snapshot: Snapshot, *, last: bool = False) -> None:
        """Write what `snapshot` gives; done, refused or given up within 3 s of its turn.

        `refused` tells how it went. A write that hangs is never overtaken by a later one: until
        it is over, nobody else waits for that disk, but for the `last` one. Cancelling ends the
        waiting, not a write that has begun.
        """
        async with self._turn:
            if self.refused is not None and self._hangs and not last:
                return
            try:
                async with Deadline(self._clock, WITHIN_S):
                    if self._under_way is not None:
                        await asyncio.wait((self._under_way,))
                    write = snapshot()
                    if write is not None:
                        self._under_way = in_own_thread("saving", write)
                        await asyncio.shield(self._under_way)
            except TimeoutError:
                self._fail("the disk does not answer")
            except OSError as error:
                self._fail(str(error))
            else:
                self._succeed()

    async def keep_saved(self, snapshot: Snapshot) -> None:
        """Try again, every 2 s, what could not be written; runs until cancelled."""
        while True:
            await self._failed.wait()
            await self._clock.sleep(AGAIN_S)
            await self.save(snapshot)

    @property
    def _hangs(self) -> bool:
        return self._under_way is not None and not self._under_way.done()

    def _fail(self, why: str) -> None:
        """Said once: a disk may stay full for days, and each try would fill the log with it."""
        if self.refused is None:
            _log.warning(self._lost, why)
        self.refused = why
        self._failed.set()

    def _succeed(self) -> None:
        if self.refused is not None:
            _log.info(self._kept_again)
        self.refused = None
        self._failed.clear()
