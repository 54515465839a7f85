"""What people read."""

from __future__ import annotations

import pytest
from fakes.alerts import T0_MS, alert
from fakes.supervisor import view

from llama_runner_pro.alerts import messages
from llama_runner_pro.endpoints.states import State


def test_a_failure_tells_reason_and_what_to_do() -> None:
    text = messages.endpoint_down(
        view("demo", State.FAILED, reason="exited with code 1", hint="fix the model path")
    )
    assert text.title == "demo has failed"
    assert text.body == "It gave up: exited with code 1.\nfix the model path"


def test_a_failure_without_reason_points_to_the_dashboard() -> None:
    text = messages.endpoint_down(view("demo", State.FAILED))
    assert text.message == "It gave up."
    assert "Recovery" in text.hint


def test_silence_is_told_with_its_reason_or_the_place() -> None:
    text = messages.endpoint_down(view("demo", State.OFFLINE, error_message="no answer in 2 s"))
    assert text.title == "demo does not answer"
    assert text.message == "No answer in 2 s."
    text = messages.endpoint_down(view("demo", State.OFFLINE))
    assert text.message == "Not reachable at http://127.0.0.1:8080."


def test_a_recovery_says_how_long_it_took() -> None:
    over = alert(resolved_ms=T0_MS + 200_000, resolution_text="It serves again.")
    text = messages.recovery(over)
    assert text.title == "Over: demo has failed"
    assert text.body == "It serves again. It lasted 3 min."


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "0 s"), (119, "119 s"), (180, "3 min"), (7200, "2 h"), (7500, "2 h 5 min")],
)
def test_durations_in_words(seconds: float, words: str) -> None:
    assert messages.duration(seconds) == words


def test_every_alarm_has_a_title_of_one_line() -> None:
    texts = [
        messages.flapping("demo", 3, 600, "killed by SIGKILL"),
        messages.process_memory("demo", 2**31, 2**30, own=True),
        messages.process_memory("demo", 2**31, 2**30, own=False),
        messages.system_memory(97.2, 95),
        messages.gpu_memory("GPU 0", 99, 97),
        messages.gpu_temperature("GPU 0", 93, 90),
        messages.trial("phone"),
    ]
    for text in texts:
        assert text.title
        assert "\n" not in text.title
        assert text.message.endswith(".")
