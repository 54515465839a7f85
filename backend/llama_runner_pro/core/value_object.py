"""The base of our immutable records."""

from __future__ import annotations

import msgspec


class ValueObject(msgspec.Struct, frozen=True):
    """An immutable record with named members; equal when all members are, and then hashed alike.

    Cheaper than a frozen dataclass where it counts: declaring one takes 30 µs instead of a
    millisecond (there are some 150, which was a third of the time of our imports), and making an
    instance a tenth of the time. Say `frozen=True` in each class: type checkers want to see it.
    Such a record never travels as JSON; what does derives from `msgspec.Struct` itself.
    """
