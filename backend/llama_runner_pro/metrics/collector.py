"""The contract of everything that can be measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llama_runner_pro.metrics.model import Field, Reading

Lane = Literal["fast", "slow"]


class Collector(Protocol):
    """Reads one family of sensors.

    `fast` collectors run at every tick, `slow` ones every 10 s. A collection that takes longer
    than `deadline_s` is cancelled and its fields are missing from that tick.
    """

    @property
    def name(self) -> str:
        """Short word for logs; also the key for a reason when there are no fields."""
        ...

    @property
    def lane(self) -> Lane:
        """How often it runs."""
        ...

    @property
    def deadline_s(self) -> float:
        """Seconds one collection may take."""
        ...

    def fields(self) -> Sequence[Field]:
        """What it can measure now. The same object again means that nothing changed."""
        ...

    async def collect(self, now_s: float) -> Reading:
        """Measure once at monotonic time `now_s`.

        Raises `CollectorError` (`SensorMissing` when this machine has no such sensor).
        Cancelling must leave the collector usable.
        """
        ...
