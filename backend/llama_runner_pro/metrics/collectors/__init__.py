"""One sensor family per module. A new collector is a new file and one line below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llama_runner_pro.metrics.collectors.cpu import CpuSensor
from llama_runner_pro.metrics.collectors.cpu_frequency import CpuFrequencySensor
from llama_runner_pro.metrics.collectors.disk import DiskTrafficSensor
from llama_runner_pro.metrics.collectors.disk_space import DiskSpaceSensor
from llama_runner_pro.metrics.collectors.endpoint_status import EndpointStatusSensor
from llama_runner_pro.metrics.collectors.gpu import GpuCollector
from llama_runner_pro.metrics.collectors.gpu_lineup import gpu_banks
from llama_runner_pro.metrics.collectors.host import HostCollector
from llama_runner_pro.metrics.collectors.load_progress import LoadProgressSensor
from llama_runner_pro.metrics.collectors.memory import MemorySensor, SwapSensor
from llama_runner_pro.metrics.collectors.model_dialects import DIALECTS
from llama_runner_pro.metrics.collectors.models import ModelCollector
from llama_runner_pro.metrics.collectors.network import NetworkSensor
from llama_runner_pro.metrics.collectors.pressure import PressureSensor
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
    dropped_frames: Callable[[], int] | None = None,
) -> list[Collector]:
    """All collectors of this machine.

    `targets` names the endpoints of now and is called on the event loop; `sessions` counts the
    open viewers, `dropped_frames` what slow ones missed; both are called on a sensor thread.
    """
    trees = ProcessTreeSensor(clock.wall_ms)
    every_tick = (
        CpuSensor(),
        MemorySensor(),
        DiskTrafficSensor(),
        NetworkSensor(),
        trees,
        EndpointStatusSensor(),
        LoadProgressSensor(lambda: trees.members),
        SelfCostSensor(sessions, dropped_frames),
    )
    return [
        HostCollector("host", "fast", every_tick, targets),
        HostCollector("host_slow", "slow", (CpuFrequencySensor(), SwapSensor(), PressureSensor())),
        # By itself: a network mount that hangs holds up its own thread only.
        HostCollector("disk_space", "slow", (DiskSpaceSensor(data_dir),)),
        GpuCollector(
            gpu_banks(clock.monotonic), clock, targets=targets, members=lambda: trees.members
        ),
        ModelCollector(DIALECTS, targets, http),
    ]
