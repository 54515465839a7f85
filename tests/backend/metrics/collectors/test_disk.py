from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.core.errors import SensorMissing
from llama_runner_pro.metrics.collectors.disk import (
    DiskTotals,
    DiskTrafficSensor,
    is_whole_disk,
    read_disks,
)
from llama_runner_pro.metrics.collectors.sensor import Moment

if TYPE_CHECKING:
    from pathlib import Path

Disks = dict[str, DiskTotals]


def traffic(*looks: Disks, whole: tuple[str, ...] = ("sda", "sdb")) -> DiskTrafficSensor:
    source = iter(looks)
    return DiskTrafficSensor(lambda: next(source), lambda name: name in whole)


def values(sensor: DiskTrafficSensor, *seconds: float) -> dict[str, object]:
    found: dict[str, object] = {}
    for second in seconds:
        found = dict(sensor.read(Moment(second)).values)
    return found


def test_traffic_is_told_per_second() -> None:
    sensor = traffic({"sda": DiskTotals(1000, 500)}, {"sda": DiskTotals(3000, 500)})
    found = values(sensor, 10.0, 12.0)
    assert found["disk_read_bytes_per_s"] == 1000.0
    assert found["disk_write_bytes_per_s"] == 0.0


def test_the_first_read_has_no_rate() -> None:
    assert set(values(traffic({"sda": DiskTotals(1000, 500, 7)}), 0.0).values()) == {None}


def test_partitions_and_volumes_do_not_count_twice() -> None:
    before = {"sda": DiskTotals(0, 0), "sda1": DiskTotals(0, 0), "dm-0": DiskTotals(0, 0)}
    after = dict.fromkeys(before, DiskTotals(100, 10))
    found = values(traffic(before, after), 0.0, 1.0)
    assert found["disk_read_bytes_per_s"] == 100
    assert found["disk_write_bytes_per_s"] == 10


def test_a_machine_that_only_has_volumes_shows_those() -> None:
    before, after = {"dm-0": DiskTotals(0, 0)}, {"dm-0": DiskTotals(100, 10)}
    assert values(traffic(before, after), 0.0, 1.0)["disk_read_bytes_per_s"] == 100


def test_the_busiest_disk_is_told() -> None:
    before = {"sda": DiskTotals(0, 0, 0), "sdb": DiskTotals(0, 0, 0)}
    after = {"sda": DiskTotals(0, 0, 250), "sdb": DiskTotals(0, 0, 900)}
    assert values(traffic(before, after), 0.0, 1.0)["disk_busy_pct"] == 90.0


def test_a_disk_is_never_busier_than_all_the_time() -> None:
    looks = ({"sda": DiskTotals(0, 0, 0)}, {"sda": DiskTotals(0, 0, 1020)})
    assert values(traffic(*looks), 0.0, 1.0)["disk_busy_pct"] == 100.0


def test_a_system_without_busy_times_says_so() -> None:
    reading = traffic({"sda": DiskTotals(0, 0)}).read(Moment(0.0))
    assert reading.values["disk_busy_pct"] is None
    assert reading.absent == {"disk_busy_pct": "this operating system does not tell it"}


def test_a_disk_that_was_plugged_in_again_gives_no_negative_rate() -> None:
    sensor = traffic(
        {"sda": DiskTotals(1000, 500)}, {"sda": DiskTotals(10, 600)}, {"sda": DiskTotals(20, 700)}
    )
    found = values(sensor, 0.0, 1.0)
    assert found["disk_read_bytes_per_s"] is None
    assert found["disk_write_bytes_per_s"] == 100.0
    assert values(sensor, 2.0)["disk_read_bytes_per_s"] == 10.0


def test_a_disk_that_is_new_does_not_bring_its_whole_past_along() -> None:
    sensor = traffic(
        {"sda": DiskTotals(0, 0)}, {"sda": DiskTotals(5, 5), "sdb": DiskTotals(10**9, 10**9)}
    )
    assert values(sensor, 0.0, 1.0)["disk_read_bytes_per_s"] == 5


def test_a_system_that_tells_of_no_disk_says_so() -> None:
    with pytest.raises(SensorMissing, match="no disk activity"):
        traffic({}).read(Moment(0.0))


def test_this_machine_counts_in_bytes() -> None:
    assert all(disk.read_bytes >= 0 and disk.written_bytes >= 0 for disk in read_disks().values())


def test_disks_are_told_from_partitions_and_volumes_by_the_system(tmp_path: Path) -> None:
    for name in ("sda", "dm-0", "loop1"):
        (tmp_path / name).mkdir()
    names = ("sda", "sda1", "dm-0", "loop1")
    assert [name for name in names if is_whole_disk(name, tmp_path)] == ["sda"]
    assert is_whole_disk("PhysicalDrive0", tmp_path / "elsewhere")
