"""What NVML's answers mean: reasons in words, blanks, and who holds which memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llama_runner_pro.metrics.collectors.gpu_ports import GpuLost

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_LOST = frozenset({1, 9, 15, 16, 18})
"""UNINITIALIZED, DRIVER_NOT_LOADED, GPU_IS_LOST, RESET_REQUIRED, LIB_RM_VERSION_MISMATCH."""
TOO_OLD = "the installed NVIDIA driver is too old to tell"
_WORDS = {
    3: "not supported by this graphics card",
    4: "the NVIDIA driver does not let this user read it",
    13: TOO_OLD,
}
_BLANK = 2**63 - 1024
"""From here on a 64-bit number is no measurement but the driver's way of leaving it blank."""
_BLANK_SMALL = frozenset({2**32 - 1, 2**31 - 1})
_IMPOSSIBLE = "the NVIDIA driver reported an impossible value"
_LISTS = ("nvmlDeviceGetComputeRunningProcesses", "nvmlDeviceGetGraphicsRunningProcesses")


class Questions:
    """Asks one card and keeps the reason for every value that it does not give."""

    def __init__(self, nvml: Any) -> None:
        self._nvml = nvml
        self.reasons: dict[str, str] = {}

    def ask(
        self, parts: Sequence[str], call: Callable[..., Any] | None, *arguments: Any
    ) -> Any | None:
        """The answer, or None with the reason noted for `parts`. Raises `GpuLost`."""
        if call is None:
            self._note(parts, TOO_OLD)
            return None
        try:
            return call(*arguments)
        except self._nvml.NVMLError as error:
            if error.value in _LOST:
                raise GpuLost(f"the NVIDIA driver lost the graphics card ({error})") from error
            self._note(parts, _WORDS.get(error.value, f"the NVIDIA driver answered: {error}"))
            return None

    def number(
        self,
        part: str,
        value: Any,
        low: float = 0,
        high: float = _BLANK,
        *,
        scale: float = 1,
    ) -> Any:
        """`value` times `scale`, or None when the driver left it blank or it cannot be true."""
        if value is None:
            return None
        small = high < _BLANK
        if not low <= value <= high or (small and value in _BLANK_SMALL):
            self.reasons[part] = _IMPOSSIBLE
            return None
        self.reasons.pop(part, None)
        return value if scale == 1 else value * scale

    def _note(self, parts: Sequence[str], reason: str) -> None:
        self.reasons.update(dict.fromkeys(parts, reason))


def memory_by_pid(nvml: Any, handle: Any, questions: Questions) -> dict[int, int | None] | None:
    """Bytes by pid; None for a process whose share is not told, and when no list is given.

    A process can be in the list of computing and of drawing ones with the same memory, and on
    a card split by MIG once per instance (NVML API reference, nvmlProcessInfo_t). Raises
    `GpuLost`.
    """
    lists = [_processes(nvml, name, handle, questions) for name in _LISTS]
    if all(found is None for found in lists):
        return None
    questions.reasons.pop("processes", None)
    shares: dict[tuple[int, object], int | None] = {}
    for process in (process for found in lists for process in found or ()):
        key = (process.pid, getattr(process, "gpuInstanceId", None))
        used = process.usedGpuMemory
        told = used if used is not None and 0 <= used < _BLANK else None
        before = shares.get(key)
        shares[key] = told if before is None or told is None else max(before, told)
    by_pid: dict[int, int | None] = {}
    for (pid, _), share in shares.items():
        before = by_pid.get(pid, 0)
        by_pid[pid] = None if share is None or before is None else before + share
    return by_pid


def _processes(nvml: Any, name: str, handle: Any, questions: Questions) -> Sequence[Any] | None:
    """The newest form of a list that the driver knows."""
    for version in ("_v3", "_v2"):
        found = questions.ask(("processes",), getattr(nvml, name + version, None), handle)
        if found is not None:
            return list(found)
    return None


def text(name: str | bytes) -> str:
    """A name, which older bindings hand out as bytes."""
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else name
