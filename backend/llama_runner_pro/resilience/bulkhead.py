"""Slots that limit how much runs at once, and a bounded line of those who wait. Pure."""

from __future__ import annotations

import bisect
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")
_WEIGHT = 0.2
"""Share of the newest duration in the average: the last dozen count."""
_RETRY_MIN_S, _RETRY_MAX_S = 1.0, 120.0


class Slots:
    """How many run at once, and how long one takes."""

    def __init__(self, capacity: int) -> None:
        """`capacity` may be changed at any time; those that run are never ended for it."""
        self.capacity = capacity
        self.taken = 0
        self.held_s: float | None = None
        """How long one was held lately; None before the first was given back."""

    @property
    def free(self) -> int:
        """Slots that can be had; never below 0."""
        return max(0, self.capacity - self.taken)

    def take(self) -> bool:
        """Take one. False when all are taken."""
        if self.taken >= self.capacity:
            return False
        self.taken += 1
        return True

    def give_back(self, held_s: float) -> None:
        """Return one that was held for so long. Raises `RuntimeError` when none is taken."""
        if self.taken == 0:
            raise RuntimeError("a slot was given back twice")
        self.taken -= 1
        before = held_s if self.held_s is None else self.held_s
        self.held_s = before + _WEIGHT * (held_s - before)


def retry_after_s(ahead: int, capacity: int, held_s: float | None) -> float:
    """When asking again makes sense, with so many ahead: whole seconds, 1 to 120."""
    rounds = (ahead + 1) / max(1, capacity)
    estimate_s = rounds * (1.0 if held_s is None else held_s)
    return float(min(_RETRY_MAX_S, max(_RETRY_MIN_S, round(estimate_s))))


@dataclass(slots=True, eq=False)
class Ticket(Generic[T]):
    """A place in a line."""

    holder: T
    priority: int
    number: int
    joined_s: float
    key: tuple[int, int] = field(init=False)

    def __post_init__(self) -> None:
        """Higher priorities come first; among equals, whoever came first."""
        self.key = (-self.priority, self.number)


class Line(Generic[T]):
    """Those who wait, in the order in which they are served."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._tickets: list[Ticket[T]] = []
        self._count = 0

    def join(self, holder: T, *, priority: int, now_s: float) -> Ticket[T] | None:
        """A place behind all of the same or a higher priority; None when the line is full."""
        if len(self._tickets) >= self.limit:
            return None
        self._count += 1
        ticket = Ticket(holder, priority, self._count, now_s)
        bisect.insort(self._tickets, ticket, key=lambda one: one.key)
        return ticket

    def leave(self, ticket: Ticket[T]) -> bool:
        """Give a place up, served or not. False when it was left already."""
        at = self._place(ticket)
        if at is None:
            return False
        del self._tickets[at]
        return True

    def position(self, ticket: Ticket[T]) -> int | None:
        """1 for the next; None for whoever has left."""
        at = self._place(ticket)
        return None if at is None else at + 1

    def __len__(self) -> int:
        """How many wait."""
        return len(self._tickets)

    def __iter__(self) -> Iterator[Ticket[T]]:
        """The next first. Safe against joining and leaving meanwhile."""
        return iter(tuple(self._tickets))

    def _place(self, ticket: Ticket[T]) -> int | None:
        at = bisect.bisect_left(self._tickets, ticket.key, key=lambda one: one.key)
        return at if at < len(self._tickets) and self._tickets[at] is ticket else None
