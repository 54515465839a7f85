from __future__ import annotations

import pytest
from fakes.nvml import (
    DRIVER_NOT_LOADED,
    FUNCTION_NOT_FOUND,
    GPU_IS_LOST,
    NOT_SUPPORTED,
    Card,
    FakeNvml,
    Process,
)

from llama_runner_pro.metrics.collectors.gpu_ports import GpuLost
from llama_runner_pro.metrics.collectors.nvml_answers import Questions, memory_by_pid, text


def memory_of(card: Card) -> tuple[dict[int, int | None] | None, dict[str, str]]:
    nvml = FakeNvml(card)
    questions = Questions(nvml)
    return memory_by_pid(nvml, card, questions), questions.reasons


def test_an_answer_is_passed_on_and_leaves_no_reason() -> None:
    questions = Questions(FakeNvml())
    assert questions.ask(("a",), lambda number: number + 1, 4) == 5
    assert questions.reasons == {}


def test_a_call_that_the_binding_does_not_have_counts_as_an_old_driver() -> None:
    questions = Questions(FakeNvml())
    assert questions.ask(("fan_pct",), None) is None
    assert questions.reasons == {"fan_pct": "the installed NVIDIA driver is too old to tell"}


@pytest.mark.parametrize("code", [GPU_IS_LOST, DRIVER_NOT_LOADED])
def test_a_driver_that_went_away_is_no_missing_value(code: int) -> None:
    nvml = FakeNvml()
    card = Card(broken={"fan": code})
    with pytest.raises(GpuLost):
        Questions(nvml).ask(("fan_pct",), nvml.nvmlDeviceGetFanSpeed, card)


@pytest.mark.parametrize(
    ("value", "low", "high", "told"),
    [
        (50, 0, 100, 50),
        (0, 0, 100, 0),
        (101, 0, 100, None),
        (-1, 0, 100, None),
        (2**32 - 1, 0, 2**40, None),
        (2**31 - 1, 0, 2**40, None),
    ],
)
def test_numbers_outside_what_can_be_are_left_out(
    value: int, low: int, high: int, told: int | None
) -> None:
    questions = Questions(FakeNvml())
    assert questions.number("fan_pct", value, low, high) == told
    assert ("fan_pct" in questions.reasons) == (told is None)


def test_large_memory_is_told_and_the_blank_of_64_bits_is_not() -> None:
    questions = Questions(FakeNvml())
    assert questions.number("memory_used_bytes", 2**32 - 1) == 2**32 - 1
    assert questions.number("memory_used_bytes", 150 * 2**30) == 150 * 2**30
    assert questions.number("memory_used_bytes", 2**64 - 1) is None


def test_a_second_call_that_works_takes_the_reason_of_the_first_away() -> None:
    nvml = FakeNvml()
    card = Card(broken={"fan": NOT_SUPPORTED})
    questions = Questions(nvml)
    assert questions.ask(("power_w",), nvml.nvmlDeviceGetFanSpeed, card) is None
    assert questions.number("power_w", 5, 0, 10) == 5
    assert questions.reasons == {}


def test_parts_of_a_split_card_add_up_per_process() -> None:
    parts = [Process(7, 100, 1), Process(7, 50, 2), Process(7, 100, 1)]
    assert memory_of(Card(computing=parts))[0] == {7: 150}


def test_a_process_whose_memory_the_driver_hides_is_listed_without() -> None:
    """As on Windows."""
    assert memory_of(Card(computing=[Process(7, None), Process(8, 2**64 - 1)]))[0] == {
        7: None,
        8: None,
    }


def test_one_list_that_is_missing_leaves_the_other() -> None:
    card = Card(
        computing=[Process(7, 9)],
        broken={"drawing": NOT_SUPPORTED, "drawing_older": NOT_SUPPORTED},
    )
    assert memory_of(card) == ({7: 9}, {})


def test_old_drivers_are_asked_in_the_old_way() -> None:
    card = Card(
        computing=[Process(7, 9)],
        broken={"computing": FUNCTION_NOT_FOUND, "drawing": FUNCTION_NOT_FOUND},
    )
    assert memory_of(card) == ({7: 9}, {})


def test_without_any_list_nothing_is_known_and_the_reason_says_why() -> None:
    lists = ("computing", "computing_older", "drawing", "drawing_older")
    found, reasons = memory_of(Card(broken=dict.fromkeys(lists, NOT_SUPPORTED)))
    assert found is None
    assert reasons == {"processes": "not supported by this graphics card"}


def test_names_come_as_text_or_as_bytes() -> None:
    assert text("Card") == text(b"Card") == "Card"
