from __future__ import annotations

import plistlib
import sys

import pytest

from llama_runner_pro.core.errors import SensorMissing
from llama_runner_pro.metrics.collectors.gpu_macos import MacosSource, parse_ioreg, run_ioreg
from llama_runner_pro.metrics.collectors.gpu_ports import GpuLost, GpuSample

APPLE = {
    "IOClass": "AGXAcceleratorG13G",
    "model": "Apple M1",
    "gpu-core-count": 8,
    "PerformanceStatistics": {
        "Device Utilization %": 37,
        "Renderer Utilization %": 36,
        "Tiler Utilization %": 20,
        "In use system memory": 1_234_567_890,
        "Alloc system memory": 2_000_000_000,
    },
}
RADEON = {
    "IOClass": "AMDRadeonX6000_AMDNavi10GraphicsAccelerator",
    "model": b"AMD Radeon Pro 5500M\x00",
    "VRAM,totalMB": 8192,
    "PerformanceStatistics": {
        "GPU Activity(%)": 5,
        "vramUsedBytes": 987_654_321,
        "Temperature(C)": 58,
    },
}


def printed(*entries: object) -> bytes:
    return plistlib.dumps(list(entries))


def test_apples_card_shares_the_main_memory() -> None:
    ((name, sample),) = parse_ioreg(printed(APPLE))
    assert name == "Apple M1"
    assert sample == GpuSample(utilization_pct=37, memory_used_bytes=1_234_567_890)
    assert sample.reasons["memory_total_bytes"] == "this card shares the computer's main memory"
    assert "system's own tools" in sample.reasons["power_w"]


def test_a_card_with_memory_of_its_own_tells_more() -> None:
    ((name, sample),) = parse_ioreg(printed(RADEON))
    assert name == "AMD Radeon Pro 5500M"
    assert sample == GpuSample(
        utilization_pct=5,
        memory_used_bytes=987_654_321,
        memory_total_bytes=8192 * 2**20,
        temperature_c=58,
    )


def test_a_driver_without_statistics_tells_nothing_but_its_name() -> None:
    assert parse_ioreg(printed({"IOClass": "Odd"})) == [("Odd", GpuSample())]


@pytest.mark.parametrize("use", [-1, 101, 2**32 - 1, "many"])
def test_a_use_that_cannot_be_is_left_out(use: object) -> None:
    statistics = {"Device Utilization %": use}
    ((_, sample),) = parse_ioreg(printed({"model": "x", "PerformanceStatistics": statistics}))
    assert sample.utilization_pct is None


def test_nothing_printed_means_no_card() -> None:
    assert parse_ioreg(b"") == []
    assert parse_ioreg(plistlib.dumps({"no": "list"})) == []
    with pytest.raises(SensorMissing, match="lists no graphics card"):
        MacosSource(lambda: b"\n").open()


@pytest.mark.parametrize("output", [b"ioreg: error", b"<plist><array>"])
def test_something_else_than_a_property_list_is_a_lost_card(output: bytes) -> None:
    with pytest.raises(GpuLost, match="property list"):
        parse_ioreg(output)


def test_the_cards_are_read_each_time_the_tool_runs() -> None:
    outputs = iter([printed(APPLE, RADEON), printed(APPLE, RADEON), printed(APPLE)])
    source = MacosSource(lambda: next(outputs))
    assert source.open() == ["Apple M1", "AMD Radeon Pro 5500M"]
    assert [sample.utilization_pct for sample in source.sample()] == [37, 5]
    assert len(source.detail(frozenset())) == 2
    assert "system's own tools" in source.detail(frozenset())[0].reasons["fan_pct"]
    with pytest.raises(GpuLost, match="other graphics cards than before"):
        source.sample()
    source.close()


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS has the tool")
def test_elsewhere_the_tool_is_not_run() -> None:
    with pytest.raises(SensorMissing, match="not macOS"):
        run_ioreg()


@pytest.mark.needs_macos
def test_a_real_mac_lists_its_cards() -> None:
    assert MacosSource().open()
