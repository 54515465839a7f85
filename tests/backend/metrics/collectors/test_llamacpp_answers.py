from __future__ import annotations

from pathlib import Path

import pytest

from llama_runner_pro.core.errors import ProtocolBroken
from llama_runner_pro.metrics.collectors.llamacpp_answers import (
    Slot,
    parse_metrics,
    parse_slots,
)

FIXTURES = Path(__file__).parents[2] / "fixtures" / "llamacpp"


def recorded_metrics(name: str) -> dict[str, float]:
    return parse_metrics((FIXTURES / name).read_text())


def recorded_slots(name: str) -> list[Slot]:
    return parse_slots((FIXTURES / name).read_bytes())


def test_a_real_servers_counters_are_read() -> None:
    values = recorded_metrics("metrics.txt")
    assert values["tokens_predicted_total"] == 407
    assert values["prompt_tokens_total"] == 38
    assert values["predicted_tokens_seconds"] == 63.9663
    assert values["requests_processing"] == 0


def test_a_fresh_server_has_zeros_that_it_really_counted() -> None:
    assert recorded_metrics("metrics_fresh.txt")["tokens_predicted_total"] == 0


def test_values_with_labels_are_added_up() -> None:
    text = 'llamacpp:n_total{model="a"} 1\nllamacpp:n_total{model="b c"} 2\n'
    assert parse_metrics(text) == {"n_total": 3}


@pytest.mark.parametrize(
    "line", ["llamacpp:broken x", "llamacpp:", "llamacpp:hole NaN", "llamacpp:hole +Inf"]
)
def test_a_line_that_is_no_number_is_passed_over(line: str) -> None:
    assert parse_metrics(f"{line}\nllamacpp:good 1") == {"good": 1}


@pytest.mark.parametrize("text", ["", "<html></html>", "# HELP x y\nother:metric 1"])
def test_a_text_without_llama_cpp_metrics_is_refused(text: str) -> None:
    with pytest.raises(ProtocolBroken, match=r"no llama\.cpp metrics"):
        parse_metrics(text)


def test_an_idle_server_has_a_free_slot() -> None:
    assert recorded_slots("slots_idle.json") == [Slot(n_ctx=2048)]


def test_a_busy_slot_tells_how_far_it_is() -> None:
    (slot,) = recorded_slots("slots_busy.json")
    assert slot.is_processing
    assert slot.id_task == 12
    assert slot.n_prompt_tokens == 79
    assert slot.n_prompt_tokens_processed == 2
    assert slot.decoded == 75


def test_a_used_slot_remembers_its_request_but_is_free() -> None:
    (slot,) = recorded_slots("slots_used.json")
    assert not slot.is_processing
    assert slot.decoded == 0


def test_older_servers_describe_the_next_token_without_a_list() -> None:
    (slot,) = parse_slots(b'[{"is_processing": true, "next_token": {"n_decoded": 9}}]')
    assert slot.decoded == 9


@pytest.mark.parametrize("body", [b"", b"{}", b'{"error": 1}', b'[{"n_ctx": "many"}]', b"<html>"])
def test_an_answer_that_is_no_list_of_slots_is_refused(body: bytes) -> None:
    with pytest.raises(ProtocolBroken, match="not a list of slots"):
        parse_slots(body)
