"""A collector whose readings, failures and slowness a test decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.metrics.model import Field, Reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.metrics.collector import Lane


class FakeCollector:
    """Satisfies `metrics.collector.Collector`: counts up in one field.

    Set `failure` to make it raise, and `takes_s` to make it slow by the clock it was given.
    """

    def __init__(
        self,
        clock: Clock,
        field_name: str = "cpu_usage_pct",
        *,
        lane: Lane = "fast",
        deadline_s: float = 0.5,
    ) -> None:
        self.name = field_name.partition("_")[0]
        self.lane: Lane = lane
        self.deadline_s = deadline_s
        self.declared: Sequence[Field] = (Field(field_name, "count", "A count", self.name),)
        self.failure: Exception | None = None
        self.takes_s = 0.0
        self.started_at_s: list[float] = []
        self.collected = 0
        self._clock = clock

    def fields(self) -> Sequence[Field]:
        """What the test declared."""
        return self.declared

    async def collect(self, now_s: float) -> Reading:
        """The number of collections so far, in each declared field."""
        self.started_at_s.append(now_s)
        if self.takes_s:
            await self._clock.sleep(self.takes_s)
        if self.failure is not None:
            raise self.failure
        self.collected += 1
        return Reading({field.name: self.collected for field in self.declared})
