from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from fakes.sysfs import Sysfs

from llama_runner_pro.core.errors import SensorMissing
from llama_runner_pro.metrics.collectors.gpu_amd import AmdSource, parse_active_clock
from llama_runner_pro.metrics.collectors.gpu_ports import GpuDetail, GpuLost, GpuSample
from llama_runner_pro.metrics.collectors.gpu_sysfs import WatchedClients

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "device/gpu_busy_percent": 87,
    "device/mem_busy_percent": 41,
    "device/mem_info_vram_used": 9 * 2**30,
    "device/mem_info_vram_total": 24 * 2**30,
    "device/product_name": "Radeon RX 7900 XTX",
    "device/pp_dpm_sclk": "0: 500Mhz\n1: 2304Mhz *\n2: 2482Mhz",
    "device/pp_dpm_mclk": "0: 96Mhz\n1: 1249Mhz *",
}
HWMON = {
    "temp1_input": 61000,
    "power1_average": 212_000_000,
    "power1_cap": 303_000_000,
    "fan1_input": 1500,
    "fan1_max": 3000,
}


class Machine(Sysfs):
    """Linux with AMD cards; time belongs to the test."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.now_s = 0.0
        self.source = AmdSource(lambda: self.now_s, drm=self.drm, clients=WatchedClients(self.proc))


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_card_tells_everything_it_can(machine: Machine) -> None:
    machine.card(0, "amdgpu", files=FILES, hwmon=HWMON)
    assert machine.source.open() == ["Radeon RX 7900 XTX"]
    assert machine.source.sample() == [
        GpuSample(
            utilization_pct=87,
            memory_used_bytes=9 * 2**30,
            memory_total_bytes=24 * 2**30,
            temperature_c=61,
            power_w=212,
        )
    ]
    assert machine.source.detail(frozenset()) == [
        GpuDetail(
            memory_busy_pct=41,
            power_limit_w=303,
            fan_pct=50,
            clock_hz=2_304_000_000,
            memory_clock_hz=1_249_000_000,
            memory_of={},
            everyone=False,
        )
    ]


def test_a_built_in_card_tells_what_it_has(machine: Machine) -> None:
    machine.card(0, "amdgpu", hwmon={"power1_input": 15_000_000, "freq1_input": 2_100_000_000})
    assert machine.source.open() == ["AMD graphics card (1002:744C)"]
    (sample,) = machine.source.sample()
    assert sample == GpuSample(power_w=15)
    (detail,) = machine.source.detail(frozenset())
    assert detail.clock_hz == 2_100_000_000
    assert detail.fan_pct is None
    assert detail.reasons["processes"] == "the amdgpu driver lists processes only to themselves"


def test_a_fan_without_a_highest_speed_is_told_by_its_drive(machine: Machine) -> None:
    machine.card(0, "amdgpu", hwmon={"fan1_input": 900, "pwm1": 51})
    machine.source.open()
    assert machine.source.detail(frozenset())[0].fan_pct == pytest.approx(20)


def test_values_that_cannot_be_are_left_out(machine: Machine) -> None:
    machine.card(
        0,
        "amdgpu",
        files={"device/gpu_busy_percent": 65535},
        hwmon={"temp1_input": 511_000, "power1_average": 2**62},
    )
    machine.source.open()
    assert machine.source.sample() == [GpuSample()]


def test_memory_and_use_of_the_watched_processes_are_told(machine: Machine) -> None:
    machine.card(0, "amdgpu", files=FILES, hwmon=HWMON)
    machine.source.open()
    for now_s, busy_ns in ((0.0, 0), (10.0, 7 * 10**9)):
        machine.now_s = now_s
        machine.uses(
            7,
            "drm-driver:\tamdgpu\ndrm-pdev:\t0000:03:00.0\ndrm-client-id:\t1\n"
            f"drm-memory-vram:\t2048 KiB\ndrm-engine-compute:\t{busy_ns} ns\n",
        )
        (detail,) = machine.source.detail(frozenset({7, 8}))
        assert detail.memory_of == {7: 2 * 2**20, 8: 0}
        assert not detail.everyone
    assert detail.models_busy_pct == pytest.approx(70)


def test_cards_of_other_makers_are_not_ours(machine: Machine) -> None:
    machine.card(0, "i915")
    with pytest.raises(SensorMissing, match="no AMD graphics card"):
        machine.source.open()


def test_a_card_that_was_unplugged_asks_for_opening_again(machine: Machine) -> None:
    path = machine.card(0, "amdgpu", files=FILES)
    machine.source.open()
    shutil.rmtree(path)
    with pytest.raises(GpuLost, match="AMD graphics card is gone"):
        machine.source.sample()
    machine.source.close()
    with pytest.raises(SensorMissing):
        machine.source.open()


@pytest.mark.parametrize("text", ["", "0: 500Mhz\n1: 800Mhz\n", "S: 19Mhz *"])
def test_without_a_marked_level_no_clock_is_known(text: str) -> None:
    assert parse_active_clock(text) is None
