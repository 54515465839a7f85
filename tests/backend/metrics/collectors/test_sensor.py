from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.endpoints.ports import MetricTarget
from llama_runner_pro.metrics.collectors.cpu import CpuSensor
from llama_runner_pro.metrics.collectors.disk import DiskTrafficSensor
from llama_runner_pro.metrics.collectors.endpoint_status import EndpointStatusSensor
from llama_runner_pro.metrics.collectors.memory import MemorySensor, SwapSensor
from llama_runner_pro.metrics.collectors.network import NetworkSensor
from llama_runner_pro.metrics.collectors.process_tree import ProcessTreeSensor
from llama_runner_pro.metrics.collectors.self_cost import SelfCostSensor
from llama_runner_pro.metrics.collectors.sensor import Moment

if TYPE_CHECKING:
    from llama_runner_pro.metrics.collectors.sensor import Sensor

SENSORS: list[Sensor] = [
    CpuSensor(),
    MemorySensor(),
    SwapSensor(),
    DiskTrafficSensor(lambda: (0, 0)),
    NetworkSensor(lambda: {"eth0": (0, 0)}),
    ProcessTreeSensor(),
    EndpointStatusSensor(),
    SelfCostSensor(int),
]
TARGETS = (
    MetricTarget(name="a", kind="custom", url="http://a", pid=None, ready=False),
    MetricTarget(name="b/c", kind="custom", url="http://b", pid=None, ready=True),
)


@pytest.mark.parametrize("sensor", SENSORS, ids=lambda sensor: sensor.name)
def test_a_sensor_reads_only_what_it_declared(sensor: Sensor) -> None:
    declared = {field.name for field in sensor.fields(TARGETS)}
    for second in (0.0, 1.0):
        reading = sensor.read(Moment(second, TARGETS))
        known = {name for name, value in reading.values.items() if value is not None}
        assert known | reading.absent.keys() <= declared


@pytest.mark.parametrize("sensor", SENSORS, ids=lambda sensor: sensor.name)
def test_field_names_end_with_their_unit(sensor: Sensor) -> None:
    for field in sensor.fields(TARGETS):
        if field.unit not in {"count", "ratio", "per_s"}:
            assert field.name.endswith(f"_{field.unit}") or field.name.endswith(f"/{field.unit}")
