from __future__ import annotations

from pathlib import Path

import pytest

from llama_runner_pro.core.errors import SensorMissing
from llama_runner_pro.metrics.collectors.disk import (
    DiskSpaceSensor,
    DiskTrafficSensor,
    mounts_of_interest,
    read_traffic,
)
from llama_runner_pro.metrics.collectors.sensor import Moment


def traffic(*totals: tuple[int, int] | None) -> DiskTrafficSensor:
    looks = iter(totals)
    return DiskTrafficSensor(lambda: next(looks))


def test_traffic_is_told_per_second() -> None:
    sensor = traffic((1000, 500), (3000, 500))
    sensor.read(Moment(10.0))
    assert sensor.read(Moment(12.0)).values == {
        "disk_read_bytes_per_s": 1000.0,
        "disk_write_bytes_per_s": 0.0,
    }


def test_the_first_read_has_no_rate() -> None:
    values = traffic((1000, 500)).read(Moment(0.0)).values
    assert set(values.values()) == {None}


def test_a_disk_that_was_unplugged_gives_no_negative_rate() -> None:
    sensor = traffic((1000, 500), (10, 600), (20, 700))
    sensor.read(Moment(0.0))
    assert sensor.read(Moment(1.0)).values == {
        "disk_read_bytes_per_s": None,
        "disk_write_bytes_per_s": 100.0,
    }
    assert sensor.read(Moment(2.0)).values["disk_read_bytes_per_s"] == 10.0


def test_a_system_that_tells_of_no_disk_says_so() -> None:
    with pytest.raises(SensorMissing, match="no disk activity"):
        traffic(None).read(Moment(0.0))


def test_this_machine_counts_in_bytes_or_not_at_all() -> None:
    totals = read_traffic()
    assert totals is None or all(total >= 0 for total in totals)


def test_space_is_told_for_each_disk(tmp_path: Path) -> None:
    sensor = DiskSpaceSensor([("root", "System disk", tmp_path)])
    values = sensor.read(Moment(0.0)).values
    assert {field.name for field in sensor.fields(())} == values.keys()
    total, used = values["disk_root_total_bytes"], values["disk_root_used_bytes"]
    assert total is not None
    assert used is not None
    assert 0 < used < total


def test_a_disk_that_cannot_be_asked_does_not_hide_the_others(tmp_path: Path) -> None:
    mounts = [("gone", "Gone", tmp_path / "nowhere"), ("root", "System disk", tmp_path)]
    reading = DiskSpaceSensor(mounts).read(Moment(0.0))
    assert "disk_root_usage_pct" in reading.values
    assert reading.absent.keys() == {
        "disk_gone_usage_pct",
        "disk_gone_used_bytes",
        "disk_gone_total_bytes",
    }
    assert reading.absent["disk_gone_usage_pct"]


def test_the_data_folder_is_shown_only_when_it_is_on_another_disk(tmp_path: Path) -> None:
    elsewhere = tmp_path.stat().st_dev != Path("/").stat().st_dev
    keys = [key for key, _, _ in mounts_of_interest(tmp_path)]
    assert keys == (["root", "data"] if elsewhere else ["root"])


def test_a_data_folder_that_does_not_exist_yet_is_left_out(tmp_path: Path) -> None:
    assert [key for key, _, _ in mounts_of_interest(tmp_path / "later")] == ["root"]
