"""One sensor family per module. A new collector is a new file and one line below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.metrics.collectors.cpu import CpuSensor
from llama_runner_pro.metrics.collectors.cpu_frequency import CpuFrequencySensor
from llama_runner_pro.metrics.collectors.disk import (
    DiskSpaceSensor,
    DiskTrafficSensor,
    mounts_of_interest,
)
from llama_runner_pro.metrics.collectors.endpoint_status import EndpointStatusSensor
from llama_runner_pro.metrics.collectors.gpu import GpuCollector
from llama_runner_pro.metrics.collectors.gpu_gputil import GputilSource
from llama_runner_pro.metrics.collectors.gpu_nvidia import NvmlSource
from llama_runner_pro.metrics.collectors.host import HostCollector
from llama_runner_pro.metrics.collectors.llamacpp import LlamacppCollector
from llama_runner_pro.metrics.collectors.memory import MemorySensor, SwapSensor
from llama_runner_pro.metrics.collectors.network import NetworkSensor
from llama_runner_pro.metrics.collectors.process_tree import ProcessTreeSensor
from llama_runner_pro.metrics.collectors.self_cost import SelfCostSensor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from llama_runner_pro.core.clock import Clock
    from llama_runner_pro.endpoints.ports import MetricTarget
    from llama_runner_pro.metrics.collector import Collector
    from llama_runner_pro.transport.client import HttpClient


def default_collectors(
    targets: Callable[[], Sequence[MetricTarget]],
    http: HttpClient,
    data_dir: Path,
    clock: Clock,
    *,
    sessions: Callable[[], int] | None = None,
) -> list[Collector]:
    """All collectors of this machine.

    `targets` names the endpoints of now and is called on the event loop; `sessions` counts the
    open viewers and is called on a sensor thread.
    """
    every_tick = (
        CpuSensor(),
        MemorySensor(),
        DiskTrafficSensor(),
        NetworkSensor(),
        ProcessTreeSensor(),
        EndpointStatusSensor(),
        SelfCostSensor(sessions),
    )
    return [
        HostCollector("host", "fast", every_tick, targets),
        HostCollector("host_slow", "slow", (CpuFrequencySensor(), SwapSensor())),
        # By itself: a network mount that hangs holds up its own thread only.
        HostCollector("disk_space", "slow", (DiskSpaceSensor(mounts_of_interest(data_dir)),)),
        GpuCollector((NvmlSource(), GputilSource()), clock),
        LlamacppCollector(targets, http),
    ]
