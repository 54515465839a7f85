"""In-process publish point: one publisher thread of control, many bounded subscribers."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Subscription(Generic[T]):
    """One reader's bounded queue. When full, the oldest value is dropped and counted."""

    def __init__(self, depth: int, forget: Callable[[Subscription[T]], None]) -> None:
        self._queue: deque[T] = deque(maxlen=depth)
        self._ready = asyncio.Event()
        self._forget = forget
        self._closed = False
        self.dropped = 0

    def offer(self, value: T) -> None:
        """Called by the topic; never blocks."""
        if len(self._queue) == self._queue.maxlen:
            self.dropped += 1
        self._queue.append(value)
        self._ready.set()

    async def get(self) -> T:
        """Wait for the next value. Cancelling is safe: nothing is lost.

        Raises `StopAsyncIteration` after `close()` once the queue is empty.
        """
        while not self._queue:
            if self._closed:
                raise StopAsyncIteration
            self._ready.clear()
            await self._ready.wait()
        return self._queue.popleft()

    def close(self) -> None:
        """Stop receiving; a waiting `get` ends."""
        self._closed = True
        self._ready.set()
        self._forget(self)

    def __aiter__(self) -> Subscription[T]:
        """Iterate until closed."""
        return self

    async def __anext__(self) -> T:
        """The next value."""
        return await self.get()


class Topic(Generic[T]):
    """Publishes synchronously to listeners and to bounded subscriptions.

    Use from the event loop's thread only. A listener must not block or raise.
    """

    def __init__(self) -> None:
        self._subscriptions: list[Subscription[T]] = []
        self._listeners: list[Callable[[T], None]] = []

    def publish(self, value: T) -> None:
        """Hand `value` to everybody; never blocks, slow readers lose their oldest."""
        for listener in self._listeners:
            listener(value)
        for subscription in self._subscriptions:
            subscription.offer(value)

    def listen(self, listener: Callable[[T], None]) -> None:
        """Call `listener` in line with every publish, for as long as the topic lives."""
        self._listeners.append(listener)

    def subscribe(self, depth: int) -> Subscription[T]:
        """Open a queue of at most `depth` values; close it when done."""
        subscription: Subscription[T] = Subscription(depth, self._forget)
        self._subscriptions.append(subscription)
        return subscription

    def _forget(self, subscription: Subscription[T]) -> None:
        if subscription in self._subscriptions:
            self._subscriptions.remove(subscription)
