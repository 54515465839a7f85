"""Blocking sensor reads on a thread of their own."""

from __future__ import annotations

import asyncio
import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING, TypeVar

from llama_runner_pro.core.errors import CollectorError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class BlockingReads:
    """Runs one blocking read at a time on a daemon thread.

    A driver or a network mount can hold a read for minutes. Such a thread cannot be ended, but
    nothing waits for it: callers give up, further reads are refused until it comes back, and it
    does not keep the process alive as a thread of the event loop's pool would.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: SimpleQueue[Callable[[], None]] | None = None
        self._busy = False

    async def run(self, read: Callable[[], T]) -> T:
        """Run `read` on the thread and return its result or raise its error.

        Raises `CollectorError` when an earlier read has not come back. Cancelling abandons the
        result; the thread goes on until the read returns.
        """
        return await self.start(read)

    def start(self, read: Callable[[], T]) -> asyncio.Future[T]:
        """Begin `read` on the thread; the future gets its result or its error.

        Raises `CollectorError` when an earlier read has not come back. Use from the event loop.
        """
        if self._busy:
            raise CollectorError("an earlier reading has not come back yet")
        loop = asyncio.get_running_loop()
        done: asyncio.Future[T] = loop.create_future()

        def finish(result: T | None, error: BaseException | None) -> None:
            self._busy = False
            if done.cancelled():
                return
            if error is not None:
                done.set_exception(error)
            else:
                done.set_result(result)  # type: ignore[arg-type]

        def job() -> None:
            result: T | None = None
            failure: BaseException | None = None
            try:
                result = read()
            except BaseException as error:  # noqa: BLE001 - carried over to the waiting caller
                failure = error
            try:
                loop.call_soon_threadsafe(finish, result, failure)
            except RuntimeError:
                return  # the loop was closed while the read was stuck; nobody waits any more

        self._busy = True
        self._queue().put(job)
        return done

    def _queue(self) -> SimpleQueue[Callable[[], None]]:
        if self._jobs is None:
            self._jobs = SimpleQueue()
            threading.Thread(
                target=_work, args=(self._jobs,), name=f"sensor-{self._name}", daemon=True
            ).start()
        return self._jobs


def _work(jobs: SimpleQueue[Callable[[], None]]) -> None:
    while True:
        jobs.get()()
