"""Which sources of graphics card values there are on this operating system."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from llama_runner_pro.metrics.collectors.gpu_amd import AmdSource
from llama_runner_pro.metrics.collectors.gpu_gputil import GputilSource
from llama_runner_pro.metrics.collectors.gpu_intel import IntelSource
from llama_runner_pro.metrics.collectors.gpu_nvidia import NvmlSource

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from llama_runner_pro.metrics.collectors.gpu_ports import GpuSource


def gpu_banks(
    monotonic: Callable[[], float], system: str = sys.platform
) -> Sequence[Sequence[GpuSource]]:
    """One entry per maker; each lists the ways to its cards, best first."""
    nvml = NvmlSource()
    if system == "darwin":
        # Only there, so that nothing of it is loaded elsewhere.
        from llama_runner_pro.metrics.collectors.gpu_macos import MacosSource

        return ((MacosSource(),),)
    if system == "win32":
        from llama_runner_pro.metrics.collectors.gpu_windows import NvidiaOnWindows, PdhSource

        counted = NvidiaOnWindows(nvml, PdhSource(monotonic, of_nvidia=True))
        return (
            (counted, GputilSource(), PdhSource(monotonic, of_nvidia=True)),
            (PdhSource(monotonic, of_nvidia=False),),
        )
    return ((nvml, GputilSource()), (AmdSource(monotonic),), (IntelSource(monotonic),))
