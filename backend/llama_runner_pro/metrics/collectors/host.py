"""Several cheap sensors read in a single hop to a thread."""

from __future__ import annotations

from functools import partial
from operator import is_
from typing import TYPE_CHECKING

import psutil

from llama_runner_pro.core.errors import CollectorError
from llama_runner_pro.metrics.blocking import BlockingReads
from llama_runner_pro.metrics.collectors.sensor import Moment
from llama_runner_pro.metrics.model import Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from llama_runner_pro.endpoints.ports import MetricTarget
    from llama_runner_pro.metrics.collector import Lane
    from llama_runner_pro.metrics.collectors.sensor import Sensor
    from llama_runner_pro.metrics.model import Field, Value


class HostCollector:
    """Reads its sensors one after the other; one that fails does not touch the others."""

    def __init__(
        self,
        name: str,
        lane: Lane,
        sensors: Sequence[Sensor],
        targets: Callable[[], Sequence[MetricTarget]] = tuple,
        *,
        deadline_s: float = 1.0,
    ) -> None:
        self.name = name
        self.lane: Lane = lane
        self.deadline_s = deadline_s
        self._sensors = tuple(sensors)
        self._targets = targets
        self._reads = BlockingReads(name)
        self._declared: list[Sequence[Field]] = []
        self._fields: tuple[Field, ...] = ()

    def fields(self) -> Sequence[Field]:
        """The fields of all sensors for the endpoints and devices of now."""
        targets = self._targets()
        declared = [sensor.fields(targets) for sensor in self._sensors]
        unchanged = len(declared) == len(self._declared) and all(map(is_, declared, self._declared))
        if not unchanged:
            self._declared = declared
            self._fields = tuple(field for fields in declared for field in fields)
        return self._fields

    async def collect(self, now_s: float) -> Reading:
        """Read all sensors. Raises `CollectorError` when an earlier read is still stuck."""
        moment = Moment(now_s, tuple(self._targets()))
        return await self._reads.run(partial(self._read_all, moment))

    def _read_all(self, moment: Moment) -> Reading:
        values: dict[str, Value] = {}
        absent: dict[str, str] = {}
        facts: dict[str, str] = {}
        for sensor in self._sensors:
            try:
                reading = sensor.read(moment)
            except (CollectorError, OSError, psutil.Error) as error:
                names = [field.name for field in sensor.fields(moment.targets)]
                absent.update(dict.fromkeys(names, _reason(error)))
            else:
                values.update(reading.values)
                absent.update(reading.absent)
                facts.update(reading.facts)
        return Reading(values, absent, facts)


def _reason(error: CollectorError | OSError | psutil.Error) -> str:
    if isinstance(error, PermissionError | psutil.AccessDenied):
        return "the operating system does not let this user read it"
    return str(error)
