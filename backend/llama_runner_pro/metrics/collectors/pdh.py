"""Windows' performance counters by ctypes: one query, read as often as wanted.

Microsoft's reference of `pdh.h`; a wildcard counter has one value per instance, and new
instances (processes) join at the next collection.
"""

from __future__ import annotations

import ctypes
import sys
from typing import TYPE_CHECKING, Any

from llama_runner_pro.core.errors import SensorMissing
from llama_runner_pro.metrics.collectors.gpu_ports import GpuLost

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_DOUBLE = 0x00000200
_UNCAPPED = 0x00008000
_MORE_DATA = 0x800007D2
_NO_DATA = frozenset({0x800007D5, 0xC0000BC6, 0xC0000BBA})
"""PDH_NO_DATA, PDH_INVALID_DATA (a rate's first look) and PDH_CALC_NEGATIVE_VALUE."""
_GOOD = frozenset({0, 1})
"""PDH_CSTATUS_VALID_DATA and PDH_CSTATUS_NEW_DATA."""


class CounterValue(ctypes.Structure):
    """PDH_FMT_COUNTERVALUE with its double; the union is eight bytes wide and so aligned."""

    _fields_ = (("status", ctypes.c_ulong), ("value", ctypes.c_double))


class CounterItem(ctypes.Structure):
    """PDH_FMT_COUNTERVALUE_ITEM_W."""

    _fields_ = (("name", ctypes.c_wchar_p), ("value", CounterValue))


def load_pdh() -> Any:
    """The library. Raises `SensorMissing` elsewhere than on Windows."""
    if sys.platform == "win32":
        return ctypes.WinDLL("pdh")
    raise SensorMissing("this is not Windows")


class PdhQuery:
    """An open query over several counters."""

    def __init__(self, paths: Sequence[str], load: Callable[[], Any] = load_pdh) -> None:
        self._pdh = load()
        self._query = ctypes.c_void_p()
        self._counters: dict[str, ctypes.c_void_p] = {}
        self._must(self._pdh.PdhOpenQueryW(None, None, ctypes.byref(self._query)), "open")
        for path in paths:
            counter = ctypes.c_void_p()
            status = self._pdh.PdhAddEnglishCounterW(
                self._query, ctypes.c_wchar_p(path), None, ctypes.byref(counter)
            )
            self._must(status, f"add {path} to")
            self._counters[path] = counter

    def read(self) -> Mapping[str, Mapping[str, float]]:
        """Collect once; values by counter and instance. Raises `GpuLost`.

        A rate needs two collections; before that it has no instances.
        """
        status = self._pdh.PdhCollectQueryData(self._query) & 0xFFFFFFFF
        if status in _NO_DATA:
            return {}
        if status != 0:
            raise GpuLost(f"Windows' counters cannot be read (0x{status:08X})")
        return {path: self._values(counter) for path, counter in self._counters.items()}

    def close(self) -> None:
        """Let the counters go."""
        self._pdh.PdhCloseQuery(self._query)

    def _values(self, counter: ctypes.c_void_p) -> Mapping[str, float]:
        size, count = ctypes.c_ulong(0), ctypes.c_ulong(0)
        arguments = (counter, _DOUBLE | _UNCAPPED, ctypes.byref(size), ctypes.byref(count))
        call = self._pdh.PdhGetFormattedCounterArrayW
        status = call(*arguments, None) & 0xFFFFFFFF
        if status != _MORE_DATA:
            return {}
        buffer = ctypes.create_string_buffer(size.value)
        if call(*arguments, buffer) & 0xFFFFFFFF != 0:
            return {}
        items = ctypes.cast(buffer, ctypes.POINTER(CounterItem))
        return {
            item.name: item.value.value
            for item in (items[index] for index in range(count.value))
            if item.value.status in _GOOD
        }

    def _must(self, status: int, what: str) -> None:
        if status & 0xFFFFFFFF:
            raise SensorMissing(
                f"Windows' graphics counters are missing: cannot {what} the query "
                f"(0x{status & 0xFFFFFFFF:08X})"
            )
