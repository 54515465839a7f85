"""A breaker holds back what fails, and lets exactly one through to see whether it mends."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.resilience.breaker import Breaker, Limits

if TYPE_CHECKING:
    from llama_runner_pro.resilience.breaker import Attempt, State


class Bench:
    """A breaker whose time and dice belong to the test."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.now_s = 100.0
        self.roll = 0.5
        self.moves: list[State] = []
        self.breaker = Breaker(
            lambda: self.now_s, lambda: self.roll, lambda: self.moves.append(self.state), limits
        )

    @property
    def state(self) -> State:
        """As shown."""
        return self.breaker.state

    def admitted(self) -> Attempt:
        """One that is let through."""
        attempt = self.breaker.admit()
        assert attempt is not None
        return attempt

    def fail(self, times: int = 1) -> None:
        """Calls that fail one after the other."""
        for _ in range(times):
            self.breaker.failed(self.admitted(), "no connection")

    def succeed(self, times: int = 1) -> None:
        """Calls that go well."""
        for _ in range(times):
            self.breaker.succeeded(self.admitted())

    def opened(self) -> Bench:
        """Three failures in a row."""
        self.fail(3)
        assert self.state == "open"
        return self


class TestClosed:
    def test_two_failures_in_a_row_are_borne(self) -> None:
        bench = Bench()
        bench.succeed(5)
        bench.fail(2)
        bench.succeed()
        bench.fail(2)
        assert bench.state == "closed"
        assert bench.breaker.failures == 2

    def test_three_in_a_row_open_it(self) -> None:
        bench = Bench().opened()
        assert bench.breaker.reason == "3 calls in a row failed; the last one: no connection"
        assert bench.breaker.retry_at_s == 105.0
        assert bench.breaker.admit() is None

    def test_half_of_five_within_a_minute_open_it(self) -> None:
        bench = Bench()
        for good in (True, False, True, False):
            bench.succeed() if good else bench.fail()
        assert bench.state == "closed"
        bench.fail()
        assert bench.state == "open"
        assert bench.breaker.reason is not None
        assert bench.breaker.reason.startswith("3 of 5 calls failed within 60 s")

    def test_less_than_half_is_borne(self) -> None:
        bench = Bench()
        for _ in range(20):
            bench.succeed(3)
            bench.fail(2)
        assert bench.state == "closed"

    def test_what_lies_more_than_a_minute_back_does_not_count(self) -> None:
        bench = Bench()
        bench.fail(2)
        bench.succeed()
        bench.now_s += 61
        bench.succeed()
        assert bench.breaker.counts() == (1, 0)
        bench.fail(2)
        assert bench.breaker.counts() == (3, 2)
        assert bench.state == "closed"

    def test_what_tells_nothing_counts_nothing(self) -> None:
        bench = Bench()
        bench.fail(2)
        bench.breaker.released(bench.admitted())
        assert bench.breaker.counts() == (2, 2)
        bench.fail()
        assert bench.state == "open"

    def test_a_check_that_finds_it_ready_changes_nothing(self) -> None:
        bench = Bench()
        bench.breaker.ready()
        assert (bench.state, bench.moves) == ("closed", [])

    def test_a_new_process_forgets_the_old_ones_failures(self) -> None:
        bench = Bench()
        old = bench.admitted()
        bench.fail(2)
        bench.breaker.restarted()
        bench.breaker.failed(old, "cut off")
        bench.fail(2)
        assert (bench.state, bench.breaker.failures) == ("closed", 2)


class TestOpen:
    def test_results_of_calls_from_before_are_dropped(self) -> None:
        bench = Bench()
        late = [bench.admitted() for _ in range(10)]
        bench.opened()
        for one in late[:5]:
            bench.breaker.failed(one, "no connection")
        for one in late[5:]:
            bench.breaker.succeeded(one)
        assert bench.breaker.retry_at_s == 105.0
        assert bench.breaker.counts() == (3, 3)

    def test_it_lets_one_through_when_its_time_is_over(self) -> None:
        bench = Bench().opened()
        bench.now_s = 104.9
        assert not bench.breaker.passes
        bench.now_s = 105.0
        assert bench.breaker.passes
        assert bench.moves == ["open", "half_open"]

    def test_each_failed_trial_doubles_the_wait_up_to_a_minute(self) -> None:
        bench = Bench().opened()
        waits = []
        for _ in range(6):
            assert bench.breaker.retry_at_s is not None
            waits.append(bench.breaker.retry_at_s - bench.now_s)
            bench.now_s = bench.breaker.retry_at_s
            bench.fail()
        assert waits == [5, 10, 20, 40, 60, 60]

    def test_waits_vary_by_a_fifth(self) -> None:
        waits = []
        for roll in (0.0, 0.999999):
            bench = Bench()
            bench.roll = roll
            bench.opened()
            assert bench.breaker.retry_at_s is not None
            waits.append(round(bench.breaker.retry_at_s - bench.now_s, 3))
        assert waits == [4.0, 6.0]

    @pytest.mark.parametrize("sign", ["ready", "restarted"])
    def test_good_news_cuts_the_wait_short(self, sign: str) -> None:
        bench = Bench().opened()
        getattr(bench.breaker, sign)()
        assert bench.state == "half_open"
        assert bench.breaker.retry_at_s is None


class TestHalfOpen:
    def half_open(self) -> Bench:
        bench = Bench().opened()
        bench.now_s += 5
        return bench

    def test_exactly_one_is_let_through(self) -> None:
        bench = self.half_open()
        trial = bench.admitted()
        assert trial.trial
        assert bench.breaker.admit() is None

    def test_success_closes_it_and_waits_begin_anew(self) -> None:
        bench = self.half_open()
        bench.fail()
        bench.now_s += 10
        bench.succeed()
        assert (bench.state, bench.breaker.reason) == ("closed", None)
        assert bench.breaker.counts() == (0, 0)
        bench.opened()
        assert bench.breaker.retry_at_s == bench.now_s + 5

    def test_one_failure_opens_it_again(self) -> None:
        bench = self.half_open()
        bench.fail()
        assert (bench.state, bench.breaker.reason) == ("open", "a trial failed: no connection")

    def test_a_trial_that_tells_nothing_makes_way_for_the_next(self) -> None:
        bench = self.half_open()
        bench.breaker.released(bench.admitted())
        assert bench.state == "half_open"
        assert bench.admitted().trial

    def test_the_result_of_a_superseded_trial_is_dropped(self) -> None:
        bench = self.half_open()
        old = bench.admitted()
        bench.breaker.restarted()
        new = bench.admitted()
        bench.breaker.failed(old, "cut off")
        bench.breaker.released(old)
        bench.breaker.succeeded(old)
        assert bench.state == "half_open"
        assert bench.breaker.admit() is None
        bench.breaker.succeeded(new)
        assert bench.state == "closed"


class TestByHand:
    def test_opened_it_stays_open_whatever_happens(self) -> None:
        bench = Bench()
        bench.breaker.force_open()
        bench.now_s += 3600
        bench.breaker.ready()
        bench.breaker.restarted()
        assert (bench.state, bench.breaker.retry_at_s) == ("open", None)
        assert (bench.breaker.forced, bench.breaker.reason) == (True, "opened by hand")

    def test_closed_it_stays_closed_whatever_fails(self) -> None:
        bench = Bench().opened()
        bench.breaker.force_close()
        bench.fail(20)
        assert (bench.state, bench.breaker.reason) == ("closed", "closed by hand")

    def test_reset_goes_back_to_its_own_rules(self) -> None:
        bench = Bench()
        bench.breaker.force_close()
        bench.breaker.reset()
        assert not bench.breaker.forced
        bench.opened()
        bench.breaker.reset()
        assert (bench.state, bench.breaker.failures) == ("closed", 0)

    def test_every_change_is_told(self) -> None:
        bench = Bench()
        bench.breaker.force_open()
        bench.breaker.force_close()
        bench.breaker.reset()
        assert bench.moves == ["open", "closed", "closed"]


@pytest.mark.parametrize("seed", range(40))
def test_whatever_happens_the_rules_hold(seed: int) -> None:
    dice, bench = random.Random(seed), Bench(Limits(jitter=0.2))
    running: list[Attempt] = []
    trials = 0
    for _ in range(2_000):
        bench.roll = dice.random()
        bench.now_s += dice.choice([0.0, 0.1, 1.0, 7.0, 70.0])
        before = bench.state
        move = dice.randrange(9)
        if move < 3:
            attempt = bench.breaker.admit()
            assert before != "open" or attempt is None
            assert before != "closed" or attempt is not None
            if attempt is not None:
                running.append(attempt)
                trials += attempt.trial
        elif move < 7 and running:
            attempt = running.pop(dice.randrange(len(running)))
            end = dice.choice(["succeeded", "failed", "failed", "released"])
            if end == "failed":
                bench.breaker.failed(attempt, "x")
            else:
                getattr(bench.breaker, end)(attempt)
        elif move == 7:
            getattr(bench.breaker, dice.choice(["ready", "restarted"]))()
        elif dice.random() < 0.1:
            getattr(bench.breaker, dice.choice(["force_open", "force_close", "reset"]))()
        if bench.state == "half_open" and bench.breaker.passes:
            first = bench.breaker.admit()
            assert first is not None
            assert bench.breaker.admit() is None, "two trials at once"
            bench.breaker.released(first)
        calls, failures = bench.breaker.counts()
        assert 0 <= failures <= calls
        retry_at_s = bench.breaker.retry_at_s
        assert retry_at_s is None or bench.now_s < retry_at_s <= bench.now_s + 60
    assert trials
