from __future__ import annotations

import psutil
import pytest

from llama_runner_pro.metrics.collectors.cpu import CpuSensor, PsutilCpu
from llama_runner_pro.metrics.collectors.sensor import Moment

Times = dict[str, float]
NOW = Moment(0.0)


class FakeCpu:
    """Processor times that the test writes down."""

    def __init__(self, *looks: list[Times], load: tuple[float, float, float] | None = None) -> None:
        self._looks = iter(looks)
        self._load = load

    def core_times(self) -> list[Times]:
        return next(self._looks)

    def load(self) -> tuple[float, float, float] | None:
        return self._load


def linux(user: float, idle: float, **more: float) -> Times:
    zero = {"nice": 0.0, "system": 0.0, "iowait": 0.0, "irq": 0.0, "softirq": 0.0, "steal": 0.0}
    return {"user": user, **zero, "idle": idle, "guest": 0.0, "guest_nice": 0.0} | more


def between(before: list[Times], after: list[Times]) -> dict[str, float | int | None]:
    sensor = CpuSensor(FakeCpu(before, before, after))
    sensor.read(NOW)
    return dict(sensor.read(NOW).values)


def test_the_first_read_has_load_but_no_use() -> None:
    look = [linux(10, 10)]
    reading = CpuSensor(FakeCpu(look, look, load=(0.5, 0.25, 0.125))).read(NOW)
    assert reading.values == {"cpu_cores": 1, "load_1m": 0.5, "load_5m": 0.25, "load_15m": 0.125}


def test_use_is_the_busy_share_of_the_time_between_two_reads() -> None:
    values = between([linux(10, 100), linux(0, 100)], [linux(13, 101), linux(0, 104)])
    assert values["cpu_usage_pct"] == pytest.approx(37.5)
    assert values["cpu_core0_usage_pct"] == pytest.approx(75)
    assert values["cpu_core1_usage_pct"] == 0


def test_time_is_split_into_programs_system_disks_and_stolen() -> None:
    values = between(
        [linux(0, 0)],
        [linux(20, 30, nice=5, system=10, irq=2, softirq=3, iowait=10, steal=20)],
    )
    assert values["cpu_user_pct"] == pytest.approx(25)
    assert values["cpu_system_pct"] == pytest.approx(15)
    assert values["cpu_iowait_pct"] == pytest.approx(10)
    assert values["cpu_steal_pct"] == pytest.approx(20)
    assert values["cpu_usage_pct"] == pytest.approx(60)


def test_waiting_for_disks_counts_as_idle() -> None:
    assert between([linux(0, 0)], [linux(0, 50, iowait=50)])["cpu_usage_pct"] == 0


def test_guests_are_not_counted_twice() -> None:
    values = between([linux(0, 0)], [linux(50, 50, guest=50)])
    assert values["cpu_usage_pct"] == pytest.approx(50)


def test_a_counter_that_went_back_counts_as_standing_still() -> None:
    values = between([linux(0, 0, iowait=10)], [linux(50, 50, iowait=9)])
    assert values["cpu_usage_pct"] == pytest.approx(50)
    assert values["cpu_iowait_pct"] == 0


def test_no_time_between_two_reads_gives_no_use() -> None:
    values = between([linux(5, 5)], [linux(5, 5)])
    assert values["cpu_usage_pct"] is None
    assert values["cpu_core0_usage_pct"] is None


def test_a_core_that_comes_or_goes_costs_one_read() -> None:
    one, two = [linux(0, 0)], [linux(9, 9), linux(9, 9)]
    after = [linux(10, 10), linux(10, 10)]
    sensor = CpuSensor(FakeCpu(one, one, two, after))
    sensor.read(NOW)
    assert "cpu_usage_pct" not in sensor.read(NOW).values
    assert sensor.read(NOW).values["cpu_usage_pct"] == pytest.approx(50)


def test_shares_that_a_system_does_not_know_are_absent_with_a_reason() -> None:
    mac = [{"user": 1.0, "nice": 0.0, "system": 1.0, "idle": 2.0}]
    reading = CpuSensor(FakeCpu(mac, mac, load=(0.0, 0.0, 0.0))).read(NOW)
    assert reading.absent == {
        "cpu_iowait_pct": "this operating system does not tell it",
        "cpu_steal_pct": "this operating system does not tell it",
    }
    after = [{"user": 3.0, "nice": 0.0, "system": 1.0, "idle": 4.0}]
    assert between(mac, after)["cpu_usage_pct"] == pytest.approx(50)


def test_single_cores_are_among_the_details() -> None:
    groups = {field.name: field.group for field in CpuSensor(FakeCpu([linux(0, 0)])).fields(())}
    assert groups["cpu_core0_usage_pct"] == "cpu_cores"
    assert groups["cpu_usage_pct"] == "cpu"


def test_windows_interrupts_belong_to_the_system() -> None:
    before = [{"user": 0.0, "system": 0.0, "idle": 0.0, "interrupt": 0.0, "dpc": 0.0}]
    after = [{"user": 0.0, "system": 10.0, "idle": 80.0, "interrupt": 5.0, "dpc": 5.0}]
    assert between(before, after)["cpu_system_pct"] == pytest.approx(20)


def test_a_system_without_load_average_says_so() -> None:
    look = [linux(1, 1)]
    reading = CpuSensor(FakeCpu(look, look)).read(NOW)
    assert "load_1m" not in reading.values
    assert reading.absent["load_1m"] == "this operating system has no load average"


def test_this_machine_has_as_many_cores_as_it_says() -> None:
    assert len(PsutilCpu().core_times()) == psutil.cpu_count()
    load = PsutilCpu().load()
    assert load is None or len(load) == 3
