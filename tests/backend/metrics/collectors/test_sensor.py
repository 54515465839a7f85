from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.endpoints.ports import MetricTarget
from llama_runner_pro.metrics.collectors.cpu import CpuSensor
from llama_runner_pro.metrics.collectors.disk import DiskTotals, DiskTrafficSensor
from llama_runner_pro.metrics.collectors.disk_space import DiskSpaceSensor
from llama_runner_pro.metrics.collectors.endpoint_status import EndpointStatusSensor
from llama_runner_pro.metrics.collectors.load_progress import LoadProgressSensor
from llama_runner_pro.metrics.collectors.memory import MemorySensor, SwapSensor
from llama_runner_pro.metrics.collectors.network import NetworkSensor, NicTotals
from llama_runner_pro.metrics.collectors.pressure import PressureSensor
from llama_runner_pro.metrics.collectors.process_tree import ProcessTreeSensor
from llama_runner_pro.metrics.collectors.self_cost import SelfCostSensor
from llama_runner_pro.metrics.collectors.sensor import Moment, TargetFields

if TYPE_CHECKING:
    from llama_runner_pro.metrics.collectors.sensor import Sensor

SENSORS: list[Sensor] = [
    CpuSensor(),
    MemorySensor(),
    SwapSensor(),
    DiskTrafficSensor(lambda: {"sda": DiskTotals(0, 0)}),
    DiskSpaceSensor(Path("/")),
    NetworkSensor(lambda: {"eth0": NicTotals(0, 0)}),
    PressureSensor(),
    ProcessTreeSensor(lambda: 0),
    LoadProgressSensor(),
    EndpointStatusSensor(),
    SelfCostSensor(int),
]
TARGETS = (
    MetricTarget(name="a", kind="custom", url="http://a", pid=None, ready=False),
    MetricTarget(name="b/c", kind="custom", url="http://b", pid=None, ready=True),
)


@pytest.mark.parametrize("sensor", SENSORS, ids=lambda sensor: sensor.name)
def test_a_sensor_reads_only_what_it_declared(sensor: Sensor) -> None:
    for second in (0.0, 1.0):
        reading = sensor.read(Moment(second, TARGETS))
        declared = {field.name for field in sensor.fields(TARGETS)}
        known = {name for name, value in reading.values.items() if value is not None}
        assert known | reading.absent.keys() <= declared


@pytest.mark.parametrize("sensor", SENSORS, ids=lambda sensor: sensor.name)
def test_field_names_end_with_their_unit(sensor: Sensor) -> None:
    for field in sensor.fields(TARGETS):
        if field.unit not in {"count", "ratio", "per_s"}:
            assert field.name.endswith(f"_{field.unit}") or field.name.endswith(f"/{field.unit}")


@pytest.mark.parametrize("sensor", SENSORS, ids=lambda sensor: sensor.name)
def test_fields_stay_the_same_object_while_nothing_changes(sensor: Sensor) -> None:
    sensor.read(Moment(2.0, TARGETS))
    before = sensor.fields(TARGETS)
    sensor.read(Moment(3.0, TARGETS))
    assert sensor.fields(TARGETS) is before


def test_every_endpoint_gets_the_same_fields() -> None:
    fields = TargetFields("endpoint", {"fds": ("count", "Open files", "gauge")})
    assert [field.name for field in fields.of(TARGETS)] == ["endpoint/a/fds", "endpoint/b/c/fds"]
    assert {field.group for field in fields.of(TARGETS)} == {"endpoint"}
    assert fields.of(()) == ()
