"""A bounded list that forgets its oldest entry."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")


class Ring(Generic[T]):
    """Keeps the last `size` values, oldest first, and counts what it forgot."""

    def __init__(self, size: int) -> None:
        if size < 1:
            raise ValueError("a ring needs room for at least one value")
        self._values: deque[T] = deque(maxlen=size)
        self.forgotten = 0

    def append(self, value: T) -> None:
        """Add a value; the oldest goes when the ring is full."""
        if len(self._values) == self._values.maxlen:
            self.forgotten += 1
        self._values.append(value)

    def last(self, count: int) -> list[T]:
        """The newest `count` values, oldest first."""
        if count <= 0:
            return []
        return list(self._values)[-count:]

    def __len__(self) -> int:
        """How many values are held."""
        return len(self._values)

    def __iter__(self) -> Iterator[T]:
        """Oldest first."""
        return iter(self._values)
