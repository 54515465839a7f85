from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from fakes.sysfs import Sysfs

from llama_runner_pro.core.errors import SensorMissing
from llama_runner_pro.metrics.collectors.gpu_intel import IntelSource
from llama_runner_pro.metrics.collectors.gpu_ports import GpuLost, GpuSample
from llama_runner_pro.metrics.collectors.gpu_sysfs import WatchedClients

if TYPE_CHECKING:
    from pathlib import Path


class Machine(Sysfs):
    """Linux with Intel cards; time belongs to the test."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.now_s = 0.0
        self.source = IntelSource(
            lambda: self.now_s, drm=self.drm, clients=WatchedClients(self.proc)
        )

    def sample_at(self, now_s: float) -> GpuSample:
        """One look at the first card."""
        self.now_s = now_s
        return self.source.sample()[0]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_an_xe_card_tells_its_memory_heat_and_clock(machine: Machine) -> None:
    machine.card(
        1,
        "xe",
        files={
            "device/tile0/physical_vram_size_bytes": 12 * 2**30,
            "device/tile0/gt0/freq0/act_freq": 2400,
        },
        hwmon={
            "temp3_input": 70000,
            "temp3_label": "vram",
            "temp2_input": 55000,
            "temp2_label": "pkg",
            "power1_max": 190_000_000,
        },
    )
    assert machine.source.open() == ["Intel graphics (1002:744C)"]
    sample = machine.sample_at(0)
    assert sample == GpuSample(memory_total_bytes=12 * 2**30, temperature_c=55)
    assert "does not tell the use" in sample.reasons["utilization_pct"]
    assert "how much of the card's memory" in sample.reasons["memory_used_bytes"]
    (detail,) = machine.source.detail(frozenset())
    assert detail.clock_hz == 2_400_000_000
    assert detail.power_limit_w == 190


@pytest.mark.parametrize("name", ["gt/gt0/rps_act_freq_mhz", "gt_act_freq_mhz"])
def test_an_i915_card_tells_its_clock(machine: Machine, name: str) -> None:
    machine.card(0, "i915", files={name: 1150})
    machine.source.open()
    (detail,) = machine.source.detail(frozenset())
    assert detail.clock_hz == 1_150_000_000
    assert detail.power_limit_w is None


def test_power_is_the_growth_of_used_energy(machine: Machine) -> None:
    path = machine.card(0, "i915", hwmon={"energy1_input": 5_000_000})
    machine.source.open()
    assert machine.sample_at(0.0).power_w is None
    machine.write(path / "device" / "hwmon" / "hwmon4", {"energy1_input": 65_000_000})
    assert machine.sample_at(2.0).power_w == pytest.approx(30)


def test_a_counter_of_energy_that_starts_over_gives_no_negative_power(machine: Machine) -> None:
    path = machine.card(0, "i915", hwmon={"energy1_input": 5_000_000})
    machine.source.open()
    machine.sample_at(0.0)
    machine.write(path / "device" / "hwmon" / "hwmon4", {"energy1_input": 1_000_000})
    assert machine.sample_at(1.0).power_w is None


def test_memory_and_use_of_the_watched_processes_are_told(machine: Machine) -> None:
    machine.card(0, "xe")
    machine.source.open()
    for spent, total in ((0, 1000), (500, 2000)):
        machine.uses(
            7,
            "drm-driver:\txe\ndrm-pdev:\t0000:03:00.0\ndrm-client-id:\t1\n"
            "drm-resident-vram0:\t3 MiB\n"
            f"drm-cycles-ccs:\t{spent}\ndrm-total-cycles-ccs:\t{total}\n",
        )
        (detail,) = machine.source.detail(frozenset({7}))
    assert detail.memory_of == {7: 3 * 2**20}
    assert detail.models_busy_pct == pytest.approx(50)
    assert detail.reasons["processes"] == "Intel's driver lists processes only to themselves"


def test_cards_of_other_makers_are_not_ours(machine: Machine) -> None:
    machine.card(0, "amdgpu")
    with pytest.raises(SensorMissing, match="no Intel graphics card"):
        machine.source.open()


def test_a_card_that_was_unplugged_asks_for_opening_again(machine: Machine) -> None:
    path = machine.card(0, "xe")
    machine.source.open()
    shutil.rmtree(path)
    with pytest.raises(GpuLost, match="Intel graphics card is gone"):
        machine.source.detail(frozenset())
    machine.source.close()
