from __future__ import annotations

from typing import TYPE_CHECKING

from fakes.clock import FakeClock

from llama_runner_pro.core.clock import SystemClock
from llama_runner_pro.metrics.collectors import default_collectors
from llama_runner_pro.transport.client import HttpClient

if TYPE_CHECKING:
    from pathlib import Path

    from llama_runner_pro.metrics.collector import Collector


def of_this_machine(data_dir: Path) -> list[Collector]:
    return default_collectors(tuple, HttpClient(FakeClock()), data_dir, SystemClock())


def test_collectors_have_names_of_their_own(tmp_path: Path) -> None:
    names = [collector.name for collector in of_this_machine(tmp_path)]
    assert len(set(names)) == len(names)


def test_collectors_are_cut_off_within_a_second(tmp_path: Path) -> None:
    assert all(0 < collector.deadline_s <= 1 for collector in of_this_machine(tmp_path))


def test_no_field_is_declared_twice(tmp_path: Path) -> None:
    fields = [f.name for collector in of_this_machine(tmp_path) for f in collector.fields()]
    assert len(set(fields)) == len(fields)


async def test_every_value_and_reason_belongs_to_a_declared_field_or_group(tmp_path: Path) -> None:
    for collector in of_this_machine(tmp_path):
        await collector.collect(0.0)
        reading = await collector.collect(1.0)
        names = {field.name for field in collector.fields()}
        groups = {field.group for field in collector.fields()} | {collector.name}
        assert reading.values.keys() - names <= {
            name for name, value in reading.values.items() if value is None
        }
        assert reading.absent.keys() <= names | groups


def test_unchanged_fields_are_the_same_object(tmp_path: Path) -> None:
    for collector in of_this_machine(tmp_path):
        assert collector.fields() is collector.fields()
