"""Keeps one collector from harming the rest: deadline, reasons, pauses."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from llama_runner_pro.core.deadline import Deadline
from llama_runner_pro.core.errors import LlamaRunnerError, SensorMissing
from llama_runner_pro.metrics.model import Reading
from llama_runner_pro.resilience.backoff import delay_s

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.metrics.collector import Collector
    from llama_runner_pro.metrics.model import Field

_log = logging.getLogger(__name__)

SLOW_INTERVAL_S = 10.0
FAILURES_BEFORE_PAUSE = 3
PAUSE_INITIAL_S = 5.0
PAUSE_MAX_S = 60.0


class CollectorGuard:
    """Runs one collector under its deadline and remembers what it last said.

    A collector that fails three times in a row is paused for 5 s, then tried once; each further
    failure doubles the pause up to 60 s, and one success ends it. A missing sensor is looked
    for again after 60 s.
    """

    def __init__(self, collector: Collector, clock: Clock) -> None:
        self._collector = collector
        self._clock = clock
        self._failures = 0
        self._not_before_s = float("-inf")
        self._broken = False
        self.reading = Reading({})
        """What counts until the next collection."""
        self.paused = False
        """It failed and waits for its next try. A sensor that this machine lacks does not count."""

    def fields(self) -> Sequence[Field]:
        """What the collector can measure now."""
        return self._collector.fields()

    def due(self, now_s: float) -> bool:
        """Whether the collector has to run at a tick at `now_s`."""
        return now_s >= self._not_before_s

    async def collect(self, now_s: float) -> None:
        """Run the collector once and keep its reading; failures become reasons.

        Never raises but `CancelledError`.
        """
        if self._collector.lane == "slow":
            # Half a second early is on time: ticks come a little before or after their due time.
            self._not_before_s = now_s + SLOW_INTERVAL_S - 0.5
        try:
            async with Deadline(self._clock, self._collector.deadline_s):
                self.reading = await self._collector.collect(now_s)
        except TimeoutError:
            limit_s = self._collector.deadline_s
            self._failed(f"no reading within {limit_s:g} s", now_s)
        except SensorMissing as error:
            self._failed(str(error), now_s, pause_s=PAUSE_MAX_S)
        except (LlamaRunnerError, OSError) as error:
            self._failed(str(error), now_s)
        except Exception:  # noqa: BLE001 - a bug in one collector must not stop all the others
            if not self._broken:
                _log.exception("the collector %s failed unexpectedly", self._collector.name)
            self._broken = True
            self._failed("the sensor could not be read (see the log)", now_s)
        else:
            self._failures = 0
            self._broken = self.paused = False

    def _failed(self, reason: str, now_s: float, pause_s: float | None = None) -> None:
        self._failures += 1
        names = [field.name for field in self._collector.fields()] or [self._collector.name]
        self.reading = Reading({}, absent=dict.fromkeys(names, reason))
        surplus = self._failures - FAILURES_BEFORE_PAUSE
        self.paused = pause_s is None and surplus >= 0
        if pause_s is None and surplus >= 0:
            pause_s = delay_s(
                surplus + 1, initial_s=PAUSE_INITIAL_S, max_s=PAUSE_MAX_S, jitter=0, rand=float
            )
        if pause_s is not None:
            self._not_before_s = max(self._not_before_s, now_s + pause_s)
            _log.info("%s is paused for %g s: %s", self._collector.name, pause_s, reason)
