"""When alarms begin and end."""

from __future__ import annotations

import pytest

from llama_runner_pro.alerts.rules import QUIET, Durations, Track, due_s, level, repeated, step

BRIEF = Durations(for_s=30, clear_for_s=10)


def run(*seen: tuple[float, str], durations: Durations = BRIEF) -> list[tuple[float, str]]:
    """The turns that a series of signals brings about, with their times."""
    track, turns = QUIET, []
    for at_s, signal in seen:
        track, turn = step(track, signal, at_s, durations)  # type: ignore[arg-type]
        if turn is not None:
            turns.append((at_s, turn))
    return turns


def test_a_condition_that_holds_long_enough_is_an_alarm() -> None:
    assert run((0, "hot"), (29, "hot"), (30, "hot"), (60, "hot")) == [(30, "raised")]


def test_a_short_peak_is_no_alarm() -> None:
    assert run((0, "hot"), (20, "cool"), (25, "hot"), (50, "hot")) == []


def test_between_the_bounds_a_beginning_alarm_is_forgotten() -> None:
    assert run((0, "hot"), (20, "between"), (31, "hot")) == []


def test_an_alarm_ends_when_it_is_gone_long_enough() -> None:
    seen = [(0, "hot"), (30, "hot"), (40, "cool"), (49, "cool"), (50, "cool")]
    assert run(*seen) == [(30, "raised"), (50, "cleared")]


@pytest.mark.parametrize("relapse", ["hot", "between"])
def test_a_relapse_does_not_end_the_alarm_and_raises_no_second(relapse: str) -> None:
    seen = [(0, "hot"), (30, "hot"), (40, "cool"), (45, relapse), (51, "cool"), (60, "cool")]
    assert run(*seen) == [(30, "raised")]
    assert run(*seen, (61, "cool")) == [(30, "raised"), (61, "cleared")]


def test_without_durations_alarms_turn_at_once() -> None:
    seen = [(0, "hot"), (1, "cool")]
    assert run(*seen, durations=Durations(0, 0)) == [(0, "raised"), (1, "cleared")]


def test_what_waits_says_when_it_will_turn() -> None:
    assert due_s(Track("pending", 5), BRIEF) == 35
    assert due_s(Track("clearing", 5), BRIEF) == 15
    assert due_s(Track("active", 5), BRIEF) is None
    assert due_s(QUIET, BRIEF) is None


@pytest.mark.parametrize(
    ("value", "signal"),
    [(95.1, "hot"), (95, "between"), (90, "between"), (89.9, "cool")],
)
def test_a_level_has_two_bounds(value: float, signal: str) -> None:
    assert level(value, above=95, clear_below=90) == signal


def test_only_faults_within_the_window_count() -> None:
    times_s = [0.0, 100.0, 200.0]
    assert repeated(times_s, 200, count=3, window_s=201) == "hot"
    assert repeated(times_s, 200, count=3, window_s=200) == "cool"
    assert repeated(times_s, 200, count=2, window_s=150) == "hot"
