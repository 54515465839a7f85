from __future__ import annotations

import ctypes

import pytest
from fakes.nvml import (
    DRIVER_NOT_LOADED,
    FUNCTION_NOT_FOUND,
    GPU_IS_LOST,
    NOT_SUPPORTED,
    UNKNOWN,
    Card,
    FakeNvml,
    Memory,
)

from llama_runner_pro.core.errors import SensorMissing
from llama_runner_pro.metrics.collectors.gpu_nvidia import NvmlSource, load_nvml
from llama_runner_pro.metrics.collectors.gpu_ports import GpuLost, GpuSample


def opened(*cards: Card) -> NvmlSource:
    nvml = FakeNvml(*cards)
    source = NvmlSource(lambda: nvml)
    source.open()
    return source


def test_a_card_tells_everything_we_ask_for() -> None:
    assert opened(Card()).sample() == [
        GpuSample(
            utilization_pct=40,
            memory_used_bytes=5,
            memory_total_bytes=24,
            temperature_c=61,
            power_w=123.4,
            fan_pct=30,
        )
    ]


def test_all_cards_are_opened_with_their_names() -> None:
    nvml = FakeNvml(Card("First"), Card(b"Second"))
    assert NvmlSource(lambda: nvml).open() == ["First", "Second"]
    assert nvml.opened == 1


@pytest.mark.parametrize(
    ("call", "value"),
    [
        ("utilization", "utilization_pct"),
        ("memory", "memory_used_bytes"),
        ("memory", "memory_total_bytes"),
        ("temperature", "temperature_c"),
        ("power", "power_w"),
        ("fan", "fan_pct"),
    ],
)
@pytest.mark.parametrize("code", [NOT_SUPPORTED, FUNCTION_NOT_FOUND, UNKNOWN])
def test_a_call_that_fails_costs_only_its_own_value(call: str, value: str, code: int) -> None:
    (sample,) = opened(Card(broken={call: code})).sample()
    assert getattr(sample, value) is None
    known = ("utilization_pct", "memory_used_bytes", "temperature_c", "power_w", "fan_pct")
    lost = sum(getattr(sample, name) is None for name in known)
    assert lost <= 1


def test_an_old_driver_is_asked_for_memory_in_the_old_way() -> None:
    (sample,) = opened(Card(memory_v2=None)).sample()
    assert (sample.memory_used_bytes, sample.memory_total_bytes) == (6, 24)


def test_blank_numbers_of_the_driver_are_no_measurements() -> None:
    card = Card(
        utilization_pct=2**32 - 1,
        memory_v2=Memory(2**64 - 1, 0x7FFFFFFFFFFFFFF0),
        temperature_c=0x7FFFFFF0,
        power_mw=2**31 - 1,
        fan_pct=-1,
    )
    assert opened(card).sample() == [GpuSample()]


def test_a_lost_card_asks_for_opening_again() -> None:
    with pytest.raises(GpuLost, match="lost the graphics card"):
        opened(Card(broken={"temperature": GPU_IS_LOST})).sample()


def test_a_driver_that_does_not_answer_is_a_missing_sensor() -> None:
    nvml = FakeNvml(Card())
    nvml.init_failure = DRIVER_NOT_LOADED
    with pytest.raises(SensorMissing, match="driver does not answer"):
        NvmlSource(lambda: nvml).open()


def test_a_driver_without_cards_is_a_missing_sensor_and_is_let_go() -> None:
    nvml = FakeNvml()
    with pytest.raises(SensorMissing, match="shows no graphics card"):
        NvmlSource(lambda: nvml).open()
    assert nvml.closed == 1


def test_a_card_that_cannot_be_opened_is_a_missing_sensor() -> None:
    nvml = FakeNvml(Card(broken={"name": GPU_IS_LOST}))
    with pytest.raises(SensorMissing, match="shows no graphics card"):
        NvmlSource(lambda: nvml).open()
    assert nvml.closed == 1


def test_closing_lets_the_driver_go_once() -> None:
    nvml = FakeNvml(Card())
    source = NvmlSource(lambda: nvml)
    source.open()
    source.close()
    source.close()
    assert nvml.closed == 1


def test_a_driver_that_is_gone_already_can_still_be_let_go() -> None:
    nvml = FakeNvml(Card())
    nvml.shutdown_failure = GPU_IS_LOST
    source = NvmlSource(lambda: nvml)
    source.open()
    source.close()
    assert nvml.closed == 1


def test_a_machine_without_the_driver_says_which_file_is_missing() -> None:
    try:
        ctypes.CDLL("libnvidia-ml.so.1")
    except OSError:
        with pytest.raises(SensorMissing, match=r"no NVIDIA driver|binding cannot be loaded"):
            NvmlSource(load_nvml).open()
    else:
        assert load_nvml().__name__ == "pynvml"


@pytest.mark.needs_gpu
def test_a_real_card_reports_its_memory() -> None:
    source = NvmlSource()
    names = source.open()
    samples = source.sample()
    source.close()
    assert len(samples) == len(names) >= 1
    assert all(sample.memory_total_bytes for sample in samples)
