from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.metrics.collectors.pressure import PressureSensor, parse_pressure
from llama_runner_pro.metrics.collectors.sensor import Moment

if TYPE_CHECKING:
    from pathlib import Path


def write(folder: Path, cpu_us: int, memory_us: int, stalled_us: int, disk_us: int) -> None:
    line = "{} avg10=0.22 avg60=1.03 avg300=2.34 total={}\n"
    (folder / "cpu").write_text(line.format("some", cpu_us) + line.format("full", 0))
    (folder / "memory").write_text(line.format("some", memory_us) + line.format("full", stalled_us))
    (folder / "io").write_text(line.format("some", disk_us))


def test_the_kernels_totals_are_found() -> None:
    text = "some avg10=0.00 avg60=0.00 avg300=0.00 total=12\nfull avg10=0.00 total=7\n"
    assert parse_pressure(text) == {"some": 12, "full": 7}


def test_lines_of_another_form_are_left_out() -> None:
    assert parse_pressure("hello\nsome total=-3 total=x\n\n") == {}


def test_waiting_is_a_share_of_the_time_between_two_reads(tmp_path: Path) -> None:
    sensor = PressureSensor(tmp_path)
    write(tmp_path, 0, 0, 0, 0)
    assert set(sensor.read(Moment(0.0)).values.values()) == {None}
    write(tmp_path, 5_000_000, 1_000_000, 500_000, 10_500_000)
    reading = sensor.read(Moment(10.0))
    assert reading.values == {
        "cpu_pressure_pct": 50.0,
        "memory_pressure_pct": 10.0,
        "memory_stalled_pct": 5.0,
        "disk_pressure_pct": 100.0,
    }
    assert reading.absent == {}
    assert {field.name for field in sensor.fields(())} == reading.values.keys()


def test_a_system_without_pressure_says_so_for_every_field(tmp_path: Path) -> None:
    sensor = PressureSensor(tmp_path / "nowhere")
    reading = sensor.read(Moment(0.0))
    assert reading.values == {}
    assert reading.absent.keys() == {field.name for field in sensor.fields(())}
    assert set(reading.absent.values()) == {"this system does not measure pressure"}
