from __future__ import annotations

import importlib.util
import math
import shutil
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.core.errors import SensorMissing
from llama_runner_pro.metrics.collectors.gpu_gputil import GputilSource, load_gputil
from llama_runner_pro.metrics.collectors.gpu_ports import GpuLost, GpuSample

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class Gpu:
    """A card as GPUtil describes it: load as a share, memory in MiB."""

    name: str = "Old GPU"
    load: float = 0.5
    memoryUsed: float = 100.0
    memoryTotal: float = 200.0
    temperature: float = 55.0


class FakeGputil:
    """Satisfies what `GputilSource` uses of the module `GPUtil`."""

    def __init__(self, *gpus: Gpu) -> None:
        self.gpus = list(gpus)

    def getGPUs(self) -> list[Gpu]:
        return self.gpus


def opened(*gpus: Gpu) -> tuple[GputilSource, FakeGputil]:
    gputil = FakeGputil(*gpus)
    source = GputilSource(lambda: gputil)
    assert source.open() == [gpu.name for gpu in gpus]
    return source, gputil


def test_a_card_is_told_in_our_units() -> None:
    source, _ = opened(Gpu())
    assert source.sample() == [
        GpuSample(
            utilization_pct=50.0,
            memory_used_bytes=100 * 1024 * 1024,
            memory_total_bytes=200 * 1024 * 1024,
            temperature_c=55.0,
        )
    ]


def test_what_gputil_never_tells_has_a_reason() -> None:
    source, _ = opened(Gpu(), Gpu())
    details = source.detail(frozenset({1}))
    assert len(details) == 2
    assert details[0].memory_of is None
    assert "only the NVIDIA driver's own library" in details[1].reasons["clock_hz"]
    assert "only the NVIDIA driver's own library" in source.sample()[0].reasons["power_w"]


def test_what_a_card_does_not_report_is_none() -> None:
    source, _ = opened(Gpu(load=math.nan, memoryUsed=math.nan, temperature=math.nan))
    (sample,) = source.sample()
    assert sample.utilization_pct is None
    assert sample.memory_used_bytes is None
    assert sample.temperature_c is None
    assert sample.memory_total_bytes is not None


def test_no_card_is_a_missing_sensor() -> None:
    with pytest.raises(SensorMissing, match="shows no graphics card"):
        GputilSource(FakeGputil).open()


def test_other_cards_than_before_ask_for_opening_again() -> None:
    source, gputil = opened(Gpu(), Gpu())
    gputil.gpus.pop()
    with pytest.raises(GpuLost):
        source.sample()


def test_it_is_asked_rarely_because_every_look_starts_a_program() -> None:
    assert GputilSource().min_interval_s >= 10


def test_a_machine_without_nvidia_smi_says_so_without_importing_anything() -> None:
    if shutil.which("nvidia-smi") is None:
        with pytest.raises(SensorMissing, match="nvidia-smi not found"):
            load_gputil()
    else:
        assert load_gputil().__name__ == "GPUtil"


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for nvidia-smi is a shell script")
@pytest.mark.skipif(
    importlib.util.find_spec("GPUtil") is None, reason="GPUtil is not installed for this Python"
)
def test_the_real_library_reads_what_nvidia_smi_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "nvidia-smi"
    line = "0, GPU-1, 37, 8192, 1024, 7168, 550.1, Stand-in, [N/A], Disabled, Disabled, 48"
    program.write_text(f"#!/bin/sh\necho '{line}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    source = GputilSource()
    assert source.open() == ["Stand-in"]
    (sample,) = source.sample()
    assert sample == GpuSample(
        utilization_pct=37.0,
        memory_used_bytes=1024 * 1024 * 1024,
        memory_total_bytes=8192 * 1024 * 1024,
        temperature_c=48.0,
    )
