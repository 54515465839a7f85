from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from fakes.gpu import FakeGpuSource

from llama_runner_pro.core.errors import SensorMissing
from llama_runner_pro.metrics.collectors.gpu_ports import GpuLost
from llama_runner_pro.metrics.collectors.gpu_windows import (
    ADAPTER_MEMORY,
    ENGINE,
    PROCESS_MEMORY,
    SAME_LOOK_S,
    NvidiaOnWindows,
    PdhSource,
    open_query,
    read_adapters,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

CARD = "luid_0x00000000_0x0000D1B2_phys_0"
ENTRIES: list[dict[str, object]] = [
    {"AdapterLuid": 0xD1B2, "Description": "Green", "VendorId": 0x10DE},
    {"AdapterLuid": 0xAAAA, "Description": "Blue", "VendorId": 0x8086},
]


class FakeQuery:
    """Counters that the test writes down."""

    def __init__(self) -> None:
        self.reads = 0
        self.closed = False
        self.values: dict[str, dict[str, float]] = {
            ENGINE: {f"pid_7_{CARD}_eng_0_engtype_3D": 40.0},
            ADAPTER_MEMORY: {CARD: 5000.0},
            PROCESS_MEMORY: {f"pid_7_{CARD}": 4000.0},
        }

    def read(self) -> Mapping[str, Mapping[str, float]]:
        self.reads += 1
        return self.values

    def close(self) -> None:
        self.closed = True


class Windows:
    """A source over fake counters; time belongs to the test."""

    def __init__(self, *, of_nvidia: bool = True, entries: list[dict[str, object]] = ENTRIES):
        self.query = FakeQuery()
        self.now_s = 0.0
        self.source = PdhSource(
            lambda: self.now_s,
            of_nvidia=of_nvidia,
            query=lambda: self.query,
            adapters=lambda: entries,
        )


def test_the_cards_of_one_maker_are_told_with_their_processes() -> None:
    windows = Windows()
    assert windows.source.open() == ["Green"]
    (sample,), (detail,) = windows.source.sample(), windows.source.detail(frozenset())
    assert (sample.utilization_pct, sample.memory_used_bytes) == (40, 5000)
    assert detail.memory_of == {7: 4000}


def test_the_other_makers_are_told_apart() -> None:
    assert Windows(of_nvidia=False).source.open() == ["Blue"]


def test_counters_are_read_once_for_one_look() -> None:
    windows = Windows()
    windows.source.open()
    windows.source.detail(frozenset())
    windows.source.sample()
    assert windows.query.reads == 1
    windows.now_s += SAME_LOOK_S
    windows.source.sample()
    assert windows.query.reads == 2


def test_a_windows_without_such_a_card_lets_the_counters_go() -> None:
    windows = Windows(entries=[])
    with pytest.raises(SensorMissing, match="lists no such graphics card"):
        windows.source.open()
    assert windows.query.closed


def test_a_registry_that_cannot_be_read_is_a_missing_sensor() -> None:
    def refuse() -> list[dict[str, object]]:
        raise PermissionError(5, "Access is denied")

    query = FakeQuery()
    source = PdhSource(lambda: 0.0, of_nvidia=True, query=lambda: query, adapters=refuse)
    with pytest.raises(SensorMissing, match="Access is denied"):
        source.open()
    assert query.closed


def test_after_closing_it_has_to_be_opened_again() -> None:
    windows = Windows()
    windows.source.open()
    windows.source.close()
    assert windows.query.closed
    with pytest.raises(GpuLost, match="closed"):
        windows.source.sample()


def test_nvidias_library_gets_the_processes_from_the_counters() -> None:
    nvml, counters = FakeGpuSource("Twin", "Twin", "Odd"), FakeGpuSource("Twin", "Other", "Twin")
    counters.memory_of = {7: 4000}
    both = NvidiaOnWindows(nvml, counters)
    assert both.open() == ["Twin", "Twin", "Odd"]
    details = both.detail(frozenset({7}))
    assert [detail.memory_of for detail in details] == [{7: 4000}, {7: 4000}, None]
    assert [detail.fan_pct for detail in details] == [30, 30, 30]
    assert both.sample()[0].utilization_pct == 1
    both.close()
    assert (nvml.closed, counters.closed) == (1, 1)


def test_without_counters_nvidias_library_works_alone() -> None:
    nvml, counters = FakeGpuSource("Green"), FakeGpuSource()
    nvml.memory_of, counters.missing = {7: None}, "no counters"
    both = NvidiaOnWindows(nvml, counters)
    both.open()
    assert both.detail(frozenset())[0].memory_of == {7: None}


def test_without_nvidias_library_there_is_nothing_to_add_to() -> None:
    nvml = FakeGpuSource()
    nvml.missing = "no NVIDIA driver"
    with pytest.raises(SensorMissing, match="no NVIDIA driver"):
        NvidiaOnWindows(nvml, FakeGpuSource("Green")).open()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has both")
def test_elsewhere_there_are_neither_counters_nor_a_registry() -> None:
    assert read_adapters() == []
    with pytest.raises(SensorMissing, match="not Windows"):
        open_query()


@pytest.mark.needs_windows
def test_windows_lists_its_adapters() -> None:
    assert all("Description" in entry for entry in read_adapters() if "AdapterLuid" in entry)
