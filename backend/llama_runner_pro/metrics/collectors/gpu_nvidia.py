"""NVIDIA cards through the driver's own library, NVML.

Called by way of nvidia-ml-py, whose module is named `pynvml`. Every call can fail by itself:
NOT_SUPPORTED and missing functions of old drivers mean that one value is not there, while a
lost card or an exchanged driver means opening again. See NVML API reference, nvmlReturn_t.
"""

from __future__ import annotations

import ctypes
import importlib
import sys
from typing import TYPE_CHECKING, Any

from llama_runner_pro.core.errors import SensorMissing
from llama_runner_pro.metrics.collectors.gpu_ports import GpuLost, GpuSample

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_LOST = frozenset({1, 9, 15, 16, 18})
"""UNINITIALIZED, DRIVER_NOT_LOADED, GPU_IS_LOST, RESET_REQUIRED, LIB_RM_VERSION_MISMATCH."""
_BLANK_SMALL = 2**31 - 1024
_BLANK_LARGE = 2**63 - 1024
"""From here on a number is no measurement but the driver's way of leaving a field blank."""
_TEMPERATURE_OF_GPU = 0


def load_nvml() -> Any:
    """Import the binding. Raises `SensorMissing` where NVIDIA's driver is not installed."""
    if sys.platform == "darwin":
        raise SensorMissing("macOS has no NVIDIA driver")
    if sys.platform.startswith("linux"):
        try:
            # Before the import, which costs time and memory and could only say the same.
            ctypes.CDLL("libnvidia-ml.so.1")
        except OSError:
            raise SensorMissing(
                "no NVIDIA driver on this machine (libnvidia-ml.so.1 not found)"
            ) from None
    try:
        return importlib.import_module("pynvml")
    except ImportError as error:
        raise SensorMissing(f"the NVIDIA binding cannot be loaded ({error})") from error


class NvmlSource:
    """All cards that the driver shows."""

    min_interval_s = 0.0

    def __init__(self, load: Callable[[], Any] = load_nvml) -> None:
        self._load = load
        self._nvml: Any = None
        self._handles: list[Any] = []

    def open(self) -> Sequence[str]:
        """Initialise NVML. Raises `SensorMissing`; may block for seconds on a cold driver."""
        nvml = self._load()
        try:
            nvml.nvmlInit()
        except nvml.NVMLError as error:
            raise SensorMissing(f"the NVIDIA driver does not answer ({error})") from error
        self._nvml = nvml
        try:
            count = nvml.nvmlDeviceGetCount()
            self._handles = [nvml.nvmlDeviceGetHandleByIndex(index) for index in range(count)]
            names = [_text(nvml.nvmlDeviceGetName(handle)) for handle in self._handles]
        except nvml.NVMLError as error:
            self.close()
            raise SensorMissing(f"the NVIDIA driver shows no graphics card ({error})") from error
        if not names:
            self.close()
            raise SensorMissing("the NVIDIA driver is installed, but shows no graphics card")
        return names

    def sample(self) -> Sequence[GpuSample]:
        """Read every card. Raises `GpuLost`."""
        return [self._sample_one(handle) for handle in self._handles]

    def close(self) -> None:
        """Shut NVML down, as far as it still answers."""
        nvml, self._nvml = self._nvml, None
        self._handles = []
        if nvml is not None:
            try:
                nvml.nvmlShutdown()
            except nvml.NVMLError:
                return

    def _sample_one(self, handle: Any) -> GpuSample:
        nvml = self._nvml
        utilization = self._ask(nvml.nvmlDeviceGetUtilizationRates, handle)
        memory = self._memory(handle)
        power_mw = _small(self._ask(nvml.nvmlDeviceGetPowerUsage, handle))
        temperature = self._ask(nvml.nvmlDeviceGetTemperature, handle, _TEMPERATURE_OF_GPU)
        return GpuSample(
            utilization_pct=_small(getattr(utilization, "gpu", None)),
            memory_used_bytes=_large(getattr(memory, "used", None)),
            memory_total_bytes=_large(getattr(memory, "total", None)),
            temperature_c=_small(temperature),
            power_w=None if power_mw is None else power_mw / 1000,
            fan_pct=_small(self._ask(nvml.nvmlDeviceGetFanSpeed, handle)),
        )

    def _memory(self, handle: Any) -> Any:
        """The newer call leaves out what the driver reserves; old drivers only know the other."""
        nvml = self._nvml
        newer = self._ask(nvml.nvmlDeviceGetMemoryInfo, handle, nvml.nvmlMemory_v2)
        return newer if newer is not None else self._ask(nvml.nvmlDeviceGetMemoryInfo, handle)

    def _ask(self, call: Callable[..., Any], *arguments: Any) -> Any:
        """The answer of one call, or None when this card or driver cannot give it."""
        nvml = self._nvml
        try:
            return call(*arguments)
        except nvml.NVMLError as error:
            if error.value in _LOST:
                raise GpuLost(f"the NVIDIA driver lost the graphics card ({error})") from error
            return None


def _text(name: str | bytes) -> str:
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else name


def _small(value: int | None) -> int | None:
    return value if value is not None and 0 <= value < _BLANK_SMALL else None


def _large(value: int | None) -> int | None:
    return value if value is not None and 0 <= value < _BLANK_LARGE else None
