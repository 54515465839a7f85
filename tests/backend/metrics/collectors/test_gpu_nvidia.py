from __future__ import annotations

import ctypes
from dataclasses import fields

import pytest
from fakes.nvml import (
    DRIVER_NOT_LOADED,
    FUNCTION_NOT_FOUND,
    GPU_IS_LOST,
    NO_PERMISSION,
    NOT_SUPPORTED,
    UNKNOWN,
    Card,
    FakeNvml,
    Memory,
    Process,
)

from llama_runner_pro.core.errors import SensorMissing
from llama_runner_pro.metrics.collectors.gpu_nvidia import NvmlSource, load_nvml
from llama_runner_pro.metrics.collectors.gpu_ports import GpuDetail, GpuLost, GpuSample


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
        )
    ]


def test_a_card_tells_its_slow_values() -> None:
    (detail,) = opened(Card(computing=[Process(7, 1000)])).detail(frozenset())
    assert detail == GpuDetail(
        memory_busy_pct=0,
        power_limit_w=350.0,
        fan_pct=30,
        clock_hz=1_500_000_000,
        memory_clock_hz=9_500_000_000,
        encoder_pct=7,
        decoder_pct=8,
        pcie_received_bytes_per_s=20 * 1024,
        pcie_sent_bytes_per_s=10 * 1024,
        processes=1,
        memory_of={7: 1000},
    )


def test_all_cards_are_opened_with_their_names() -> None:
    nvml = FakeNvml(Card("First"), Card(b"Second"))
    assert NvmlSource(lambda: nvml).open() == ["First", "Second"]
    assert nvml.opened == 1


@pytest.mark.parametrize(
    ("call", "lost"),
    [
        ("utilization", {"utilization_pct", "memory_busy_pct"}),
        ("memory", {"memory_used_bytes", "memory_total_bytes"}),
        ("temperature", {"temperature_c"}),
        ("power", {"power_w"}),
        ("power_limit", {"power_limit_w"}),
        ("fan", {"fan_pct"}),
        ("clock", {"clock_hz", "memory_clock_hz"}),
        ("encoder", {"encoder_pct"}),
        ("decoder", {"decoder_pct"}),
        ("pcie", {"pcie_received_bytes_per_s", "pcie_sent_bytes_per_s"}),
    ],
)
@pytest.mark.parametrize(
    ("code", "words"),
    [
        (NOT_SUPPORTED, "not supported by this graphics card"),
        (NO_PERMISSION, "does not let this user"),
        (FUNCTION_NOT_FOUND, "too old"),
        (UNKNOWN, "answered: code 999"),
    ],
)
def test_a_call_that_fails_costs_only_its_own_value(
    call: str, lost: set[str], code: int, words: str
) -> None:
    source = opened(Card(broken={call: code}))
    (sample,), (detail,) = source.sample(), source.detail(frozenset())
    missing = {
        field.name
        for look in (sample, detail)
        for field in fields(look)
        if getattr(look, field.name) is None
    }
    assert missing - {"models_busy_pct"} == lost
    assert sample.reasons.keys() | detail.reasons.keys() == lost
    assert all(words in reason for reason in (*sample.reasons.values(), *detail.reasons.values()))


def test_an_old_driver_is_asked_for_memory_in_the_old_way() -> None:
    (sample,) = opened(Card(memory_v2=None)).sample()
    assert (sample.memory_used_bytes, sample.memory_total_bytes) == (6, 24)


def test_blank_numbers_of_the_driver_are_no_measurements() -> None:
    card = Card(
        utilization_pct=2**32 - 1,
        memory_v2=Memory(2**64 - 1, 0x7FFFFFFFFFFFFFF0),
        temperature_c=0x7FFFFFF0,
        power_mw=2**31 - 1,
        fan_pct=2**32 - 1,
        encoder_pct=2**32 - 1,
        clocks_mhz={0: 2**32 - 1, 2: 2**31 - 1},
        power_limit_mw=2**32 - 1,
        pcie_kb_per_s={0: 2**32 - 1, 1: 2**32 - 1},
    )
    source = opened(card)
    (sample,), (detail,) = source.sample(), source.detail(frozenset())
    assert sample == GpuSample()
    assert detail == GpuDetail(memory_busy_pct=0, decoder_pct=8, processes=0, memory_of={})
    assert set(sample.reasons.values()) == {"the NVIDIA driver reported an impossible value"}


@pytest.mark.parametrize("temperature_c", [-128, 151, 255])
def test_a_temperature_that_no_card_can_have_is_left_out(temperature_c: int) -> None:
    (sample,) = opened(Card(temperature_c=temperature_c)).sample()
    assert sample.temperature_c is None


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
    with pytest.raises(SensorMissing, match="does not open this card"):
        NvmlSource(lambda: nvml).open()
    assert nvml.closed == 1


def test_a_card_that_cannot_be_opened_keeps_its_place_among_others() -> None:
    nvml = FakeNvml(Card("First"), Card("Locked", broken={"name": NO_PERMISSION}), Card("Third"))
    source = NvmlSource(lambda: nvml)
    assert source.open() == ["First", "NVIDIA card 1", "Third"]
    first, locked, third = source.sample()
    assert first == third
    assert locked == GpuSample()
    assert "does not open this card" in locked.reasons["power_w"]
    assert "does not open this card" in source.detail(frozenset())[1].reasons["fan_pct"]


def test_one_lost_card_takes_nothing_from_the_others() -> None:
    source = opened(Card(), Card(broken={"utilization": GPU_IS_LOST}))
    good, lost = source.sample()
    assert good.utilization_pct == 40
    assert lost == GpuSample()
    assert "lost the graphics card" in lost.reasons["temperature_c"]


def test_memory_of_processes_is_told_once_however_many_lists_they_are_in() -> None:
    both = [Process(7, 1000)]
    (detail,) = opened(Card(computing=both, drawing=[*both, Process(8, 5)])).detail(frozenset())
    assert detail.memory_of == {7: 1000, 8: 5}
    assert detail.processes == 2


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
