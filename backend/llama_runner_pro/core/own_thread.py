"""Blocking calls in a thread of their own."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")


def in_own_thread(
    name: str, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> asyncio.Future[T]:
    """Run `function` in a new daemon thread; the future carries its result or its error.

    Unlike the loop's shared pool, a start or a wait here never queues behind a sensor that
    hangs. Cancelling the future does not end the thread: its result is then dropped. An error
    that nobody waits for any more is dropped as well.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def deliver(result: T | None, error: BaseException | None) -> None:
        if future.cancelled():
            return
        if error is not None:
            future.set_exception(error)
            future.exception()  # seen: asyncio need not report it when nobody comes for it
        else:
            future.set_result(result)  # type: ignore[arg-type]  # None only beside an error

    def run() -> None:
        result: T | None = None
        failure: BaseException | None = None
        try:
            result = function(*args, **kwargs)
        except BaseException as error:  # noqa: BLE001 - carried over to whoever awaits
            failure = error
        try:
            loop.call_soon_threadsafe(deliver, result, failure)
        except RuntimeError:
            # The loop closed while we were blocked: nobody is left to tell.
            return

    threading.Thread(target=run, name=name, daemon=True).start()
    return future
