from __future__ import annotations

import pytest

from llama_runner_pro.metrics.schedule import Schedule


def test_due_times_stay_on_the_grid_however_late_each_tick_is() -> None:
    schedule = Schedule(100.0, 1.0)
    dues = []
    for _ in range(5):
        dues.append(schedule.due_s)
        schedule.advance(schedule.due_s + 0.3)
    assert dues == [100.0, 101.0, 102.0, 103.0, 104.0]


def test_a_thousand_small_steps_do_not_drift() -> None:
    schedule = Schedule(0.0, 0.1)
    for _ in range(1000):
        schedule.advance(schedule.due_s)
    assert schedule.due_s == pytest.approx(100.0, abs=1e-9)


def test_missed_ticks_are_skipped_and_told() -> None:
    schedule = Schedule(0.0, 1.0)
    assert schedule.advance(3.4) == 3
    assert schedule.due_s == 4.0


def test_work_that_takes_exactly_one_interval_misses_nothing() -> None:
    schedule = Schedule(0.0, 1.0)
    assert schedule.advance(1.0) == 0
    assert schedule.due_s == 1.0


def test_a_faster_pace_starts_at_once_when_the_last_tick_is_long_ago() -> None:
    schedule = Schedule(0.0, 10.0)
    schedule.advance(0.0)
    schedule.change_interval(1.0, last_s=0.0, now_s=4.5)
    assert schedule.due_s == 4.5
    assert schedule.interval_s == 1.0


def test_a_faster_pace_keeps_its_distance_from_the_last_tick() -> None:
    schedule = Schedule(0.0, 10.0)
    schedule.advance(0.0)
    schedule.change_interval(1.0, last_s=0.0, now_s=0.2)
    assert schedule.due_s == 1.0


def test_a_slower_pace_waits_its_whole_interval() -> None:
    schedule = Schedule(0.0, 1.0)
    schedule.change_interval(10.0, last_s=7.0, now_s=7.5)
    assert schedule.due_s == 17.0
