from __future__ import annotations

import ctypes
import sys
from typing import Any

import pytest

from llama_runner_pro.core.errors import SensorMissing
from llama_runner_pro.metrics.collectors.gpu_ports import GpuLost
from llama_runner_pro.metrics.collectors.pdh import CounterItem, PdhQuery, load_pdh

MORE_DATA = 0x800007D2 - 2**32
"""As ctypes hands out an unsigned status: as a negative number."""


class FakePdh:
    """The few calls of `pdh.dll`, over instances that the test writes down."""

    def __init__(self) -> None:
        self.instances: dict[str, dict[str, tuple[int, float]]] = {}
        self.added: list[str] = []
        self.status: dict[str, int] = {}
        self.closed = False

    def PdhOpenQueryW(self, source: None, user: None, query: Any) -> int:
        return self.status.get("open", 0)

    def PdhAddEnglishCounterW(self, query: Any, path: Any, user: None, counter: Any) -> int:
        self.added.append(path.value)
        counter._obj.value = len(self.added)
        return self.status.get("add", 0)

    def PdhCollectQueryData(self, query: Any) -> int:
        return self.status.get("collect", 0)

    def PdhGetFormattedCounterArrayW(
        self, counter: Any, form: int, size: Any, count: Any, buffer: Any
    ) -> int:
        found = self.instances.get(self.added[counter.value - 1])
        if found is None:
            return 0x800007D5 - 2**32
        count._obj.value = len(found)
        if buffer is None:
            size._obj.value = max(1, len(found)) * ctypes.sizeof(CounterItem)
            return MORE_DATA
        items = ctypes.cast(buffer, ctypes.POINTER(CounterItem))
        for index, (name, (status, value)) in enumerate(found.items()):
            items[index].name = name
            items[index].value.status, items[index].value.value = status, value
        return self.status.get("read", 0)

    def PdhCloseQuery(self, query: Any) -> int:
        self.closed = True
        return 0


def test_all_instances_of_all_counters_are_read_at_once() -> None:
    pdh = FakePdh()
    pdh.instances = {"\\A(*)\\x": {"one": (0, 1.5), "two": (1, 2.5)}, "\\B(*)\\y": {}}
    query = PdhQuery(["\\A(*)\\x", "\\B(*)\\y"], lambda: pdh)
    assert query.read() == {"\\A(*)\\x": {"one": 1.5, "two": 2.5}, "\\B(*)\\y": {}}
    query.close()
    assert pdh.closed


def test_an_instance_without_a_good_value_is_left_out() -> None:
    pdh = FakePdh()
    pdh.instances = {"\\A(*)\\x": {"good": (0, 1.0), "gone": (0xC0000BBA, 5.0)}}
    assert PdhQuery(["\\A(*)\\x"], lambda: pdh).read() == {"\\A(*)\\x": {"good": 1.0}}


def test_a_share_has_no_value_at_the_first_look() -> None:
    assert PdhQuery(["\\A(*)\\x"], FakePdh).read() == {"\\A(*)\\x": {}}


def test_instances_that_went_between_asking_and_reading_are_no_failure() -> None:
    pdh = FakePdh()
    pdh.instances = {"\\A(*)\\x": {"one": (0, 1.0)}}
    pdh.status["read"] = 0x800007D2 - 2**32
    assert PdhQuery(["\\A(*)\\x"], lambda: pdh).read() == {"\\A(*)\\x": {}}


def test_no_data_yet_is_no_failure_and_anything_else_is() -> None:
    pdh = FakePdh()
    query = PdhQuery(["\\A(*)\\x"], lambda: pdh)
    pdh.status["collect"] = 0x800007D5 - 2**32
    assert query.read() == {}
    pdh.status["collect"] = 0xC0000BB8 - 2**32
    with pytest.raises(GpuLost, match="0xC0000BB8"):
        query.read()


@pytest.mark.parametrize("step", ["open", "add"])
def test_a_windows_without_these_counters_is_a_missing_sensor(step: str) -> None:
    pdh = FakePdh()
    pdh.status[step] = 0xC0000BB8 - 2**32
    with pytest.raises(SensorMissing, match="graphics counters are missing"):
        PdhQuery(["\\A(*)\\x"], lambda: pdh)


@pytest.mark.needs_windows
def test_windows_reads_its_own_counters() -> None:
    query = PdhQuery(["\\Memory\\Available Bytes"])
    assert query.read().keys() == {"\\Memory\\Available Bytes"}
    query.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has it")
def test_elsewhere_there_is_no_such_library() -> None:
    with pytest.raises(SensorMissing, match="not Windows"):
        load_pdh()
