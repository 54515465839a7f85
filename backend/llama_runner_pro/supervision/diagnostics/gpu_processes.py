"""Who holds memory of a graphics card, as NVIDIA's driver tells."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import psutil

from llama_runner_pro.core.value_object import ValueObject

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence


class GpuProcess(ValueObject, frozen=True):
    """One process that computes on one card."""

    pid: int
    gpu: int
    used_bytes: int | None
    """None where the driver does not tell, as in a container."""


def load_nvml() -> Any:
    """The binding. Raises ImportError."""
    return importlib.import_module("pynvml")


def gpu_processes(load: Callable[[], Any] = load_nvml) -> list[GpuProcess]:
    """All of them; none where there is no driver. Blocking: a driver may take seconds.

    NVML API reference: nvmlDeviceGetComputeRunningProcesses.
    """
    try:
        nvml = load()
    except ImportError:
        return []
    try:
        nvml.nvmlInit()
    except nvml.NVMLError:
        return []
    try:
        return _on_all(nvml)
    except nvml.NVMLError:
        return []
    finally:
        nvml.nvmlShutdown()


def left_behind(
    seen: Sequence[GpuProcess], ours: Collection[int | None], exists: Callable[[int], bool]
) -> list[GpuProcess]:
    """Those of `ours` that hold memory of a card although they are gone. Pure."""
    return [one for one in seen if one.pid in ours and not exists(one.pid)]


def in_words(one: GpuProcess) -> str:
    """`pid 4242 holds 1.5 GB of graphics card 0`."""
    amount = "memory" if one.used_bytes is None else f"{one.used_bytes / 1e9:.1f} GB"
    return f"pid {one.pid} holds {amount} of graphics card {one.gpu}"


def listed(seen: Sequence[GpuProcess]) -> str:
    """One line per process, with its name."""
    lines = [f"{in_words(one)} ({_name(one.pid)})" for one in seen]
    return "\n".join(lines) + "\n" if lines else "No process computes on an NVIDIA card.\n"


def _on_all(nvml: Any) -> list[GpuProcess]:
    cards = map(nvml.nvmlDeviceGetHandleByIndex, range(nvml.nvmlDeviceGetCount()))
    return [
        GpuProcess(one.pid, gpu, one.usedGpuMemory)
        for gpu, card in enumerate(cards)
        for one in nvml.nvmlDeviceGetComputeRunningProcesses(card)
    ]


def _name(pid: int) -> str:
    try:
        return psutil.Process(pid).name()
    except psutil.Error:
        return "gone"
