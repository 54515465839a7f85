from __future__ import annotations

import pytest

from llama_runner_pro.resilience.backoff import delay_s


def plain(attempt: int, *, initial_s: float = 1.0, max_s: float = 60.0) -> float:
    return delay_s(attempt, initial_s=initial_s, max_s=max_s, jitter=0.0, rand=lambda: 0.7)


def test_the_first_attempt_waits_the_initial_delay() -> None:
    assert plain(1, initial_s=1.5) == 1.5


def test_each_further_attempt_waits_twice_as_long() -> None:
    assert [plain(attempt) for attempt in range(1, 6)] == [1, 2, 4, 8, 16]


def test_the_factor_can_be_chosen() -> None:
    delays = [
        delay_s(n, initial_s=1, factor=3.0, max_s=100, jitter=0, rand=float) for n in range(1, 4)
    ]
    assert delays == [1, 3, 9]


def test_a_factor_of_one_never_grows() -> None:
    assert delay_s(50, initial_s=2, factor=1.0, max_s=100, jitter=0, rand=float) == 2


def test_the_delay_stays_at_its_cap() -> None:
    assert [plain(attempt, max_s=5.0) for attempt in (3, 4, 5)] == [4, 5, 5]


def test_a_very_long_run_of_failures_does_not_overflow() -> None:
    assert plain(1_000_000) == 60.0


def test_an_initial_delay_above_the_cap_is_capped() -> None:
    assert plain(1, initial_s=90.0) == 60.0


def test_no_initial_delay_means_none_ever() -> None:
    assert plain(7, initial_s=0.0) == 0.0


@pytest.mark.parametrize(("chance", "expected"), [(0.0, 3.2), (0.5, 4.0), (0.999999, 4.8)])
def test_jitter_varies_the_delay_both_ways(chance: float, expected: float) -> None:
    delay = delay_s(3, initial_s=1, max_s=60, jitter=0.2, rand=lambda: chance)
    assert delay == pytest.approx(expected, rel=1e-4)


def test_jitter_never_lifts_the_delay_above_the_cap() -> None:
    assert delay_s(9, initial_s=1, max_s=10, jitter=0.5, rand=lambda: 0.99) == 10


def test_attempts_are_counted_from_one() -> None:
    with pytest.raises(ValueError, match="counted from 1"):
        plain(0)
