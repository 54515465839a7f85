"""The share of the last day in which an endpoint was ready."""

from __future__ import annotations

import pytest
from fakes.clock import FakeClock

from llama_runner_pro.supervision.uptime import Uptime

HOUR_S = 3600.0


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def test_nothing_watched_is_not_zero_but_unknown(clock: FakeClock) -> None:
    uptime = Uptime(clock)
    assert uptime.pct() is None
    uptime.note(watched=False, up=False)
    clock.skip(60)
    assert uptime.pct() is None


def test_three_hours_up_and_one_down(clock: FakeClock) -> None:
    uptime = Uptime(clock)
    uptime.note(watched=True, up=True)
    clock.skip(3 * HOUR_S)
    uptime.note(watched=True, up=False)
    clock.skip(HOUR_S)
    assert uptime.pct() == 75.0


def test_unwatched_time_counts_neither_way(clock: FakeClock) -> None:
    uptime = Uptime(clock)
    uptime.note(watched=True, up=True)
    clock.skip(HOUR_S)
    uptime.note(watched=False, up=False)
    clock.skip(10 * HOUR_S)
    uptime.note(watched=True, up=False)
    clock.skip(HOUR_S)
    assert uptime.pct() == 50.0


def test_what_was_longer_ago_than_a_day_does_not_count(clock: FakeClock) -> None:
    uptime = Uptime(clock)
    uptime.note(watched=True, up=False)
    clock.skip(30 * HOUR_S)
    uptime.note(watched=True, up=True)
    clock.skip(12 * HOUR_S)
    assert uptime.pct() == 50.0
    clock.skip(12 * HOUR_S)
    assert uptime.pct() == 100.0


def test_telling_the_same_again_changes_nothing(clock: FakeClock) -> None:
    uptime = Uptime(clock)
    for _ in range(5_000):
        uptime.note(watched=True, up=True)
        clock.skip(1.0)
    uptime.note(watched=True, up=False)
    clock.skip(5_000)
    assert uptime.pct() == 50.0


def test_an_endpoint_that_flaps_for_ever_takes_bounded_memory(clock: FakeClock) -> None:
    uptime = Uptime(clock)
    for turn in range(10_000):
        uptime.note(watched=True, up=turn % 2 == 0)
        clock.skip(1.0)
    assert uptime.pct() == pytest.approx(50.0, abs=0.1)
