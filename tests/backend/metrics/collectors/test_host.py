from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import psutil
import pytest

from llama_runner_pro.core.errors import CollectorError, SensorMissing
from llama_runner_pro.endpoints.ports import MetricTarget
from llama_runner_pro.metrics.collectors.host import HostCollector
from llama_runner_pro.metrics.collectors.sensor import TargetFields
from llama_runner_pro.metrics.model import Field, Reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llama_runner_pro.metrics.collectors.sensor import Moment


class FakeSensor:
    """One field; fails when told to."""

    def __init__(self, name: str, failure: Exception | None = None) -> None:
        self.name = name
        self.failure = failure
        self.moments: list[Moment] = []
        self.threads: set[int] = set()
        self._own = (Field(f"{name}_count", "count", "A count", name),)
        self._of_endpoints = TargetFields("endpoint", {"count": ("count", "A", "gauge")})
        self._both: dict[int, tuple[Field, ...]] = {}

    def fields(self, targets: Sequence[MetricTarget]) -> Sequence[Field]:
        """One field, and one per endpoint."""
        of_endpoints = self._of_endpoints.of(targets)
        return self._both.setdefault(id(of_endpoints), (*self._own, *of_endpoints))

    def declare(self, name: str) -> None:
        """Another device was found."""
        self._own = (Field(name, "count", "A count", self.name),)
        self._both.clear()

    def read(self, moment: Moment) -> Reading:
        """How often it was read."""
        self.moments.append(moment)
        self.threads.add(threading.get_ident())
        if self.failure is not None:
            raise self.failure
        return Reading({f"{self.name}_count": len(self.moments)}, facts={self.name: "here"})


def target(name: str) -> MetricTarget:
    return MetricTarget(name=name, kind="custom", url="http://a", pid=None, ready=False)


async def test_all_sensors_are_read_in_one_hop_to_another_thread() -> None:
    first, second = FakeSensor("a"), FakeSensor("b")
    reading = await HostCollector("host", "fast", [first, second]).collect(5.0)
    assert reading.values == {"a_count": 1, "b_count": 1}
    assert reading.facts == {"a": "here", "b": "here"}
    assert first.threads == second.threads
    assert threading.get_ident() not in first.threads


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (SensorMissing("no such sensor"), "no such sensor"),
        (CollectorError("strange answer"), "strange answer"),
        (PermissionError(13, "Permission denied"), "does not let this user"),
        (psutil.AccessDenied(1), "does not let this user"),
        (OSError(5, "Input/output error"), "Input/output error"),
    ],
)
async def test_a_sensor_that_fails_does_not_touch_the_others(
    failure: Exception, reason: str
) -> None:
    broken, good = FakeSensor("a", failure), FakeSensor("b")
    reading = await HostCollector("host", "fast", [broken, good]).collect(5.0)
    assert reading.values == {"b_count": 1}
    assert reason in reading.absent["a_count"]


async def test_sensors_see_the_endpoints_of_the_moment() -> None:
    targets: list[MetricTarget] = []
    sensor = FakeSensor("a")
    collector = HostCollector("host", "fast", [sensor], lambda: targets)
    await collector.collect(1.0)
    targets.append(target("demo"))
    await collector.collect(2.0)
    assert [moment.now_s for moment in sensor.moments] == [1.0, 2.0]
    assert [len(moment.targets) for moment in sensor.moments] == [0, 1]


def test_fields_follow_the_endpoints() -> None:
    targets = [target("one")]
    collector = HostCollector("host", "fast", [FakeSensor("a")], lambda: targets)
    before = collector.fields()
    assert [field.name for field in before] == ["a_count", "endpoint/one/count"]
    assert collector.fields() is before
    targets[:] = [target("two")]
    assert [field.name for field in collector.fields()] == ["a_count", "endpoint/two/count"]


def test_fields_follow_a_sensor_that_finds_another_device() -> None:
    first, second = FakeSensor("a"), FakeSensor("b")
    collector = HostCollector("host", "fast", [first, second])
    before = collector.fields()
    second.declare("c_count")
    after = collector.fields()
    assert [field.name for field in before] == ["a_count", "b_count"]
    assert [field.name for field in after] == ["a_count", "c_count"]
    assert collector.fields() is after
