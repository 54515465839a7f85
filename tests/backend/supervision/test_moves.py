"""The parts of a repair: delays, budgets, and when a person is needed."""

from __future__ import annotations

import pytest
from fakes.situations import NOW, OURS, at, waiting, words
from msgspec.structs import replace

from llama_runner_pro.endpoints.states import IllegalTransition, State
from llama_runner_pro.supervision import moves

HEALING = at(State.HEALING, alive=False)


def delays(policy: object = OURS, *, roll: float = 0.5, count: int = 8) -> list[float]:
    waited = []
    for restarts in range(count):
        tried = replace(HEALING, restarts_in_run=restarts)
        after = moves.next_attempt(policy, tried, NOW, "died", roll).condition  # type: ignore[arg-type]
        waited.append(0.0 if after.wake_at_s is None else after.wake_at_s - NOW)
    return waited


def test_the_first_restart_comes_at_once_and_the_delays_double_up_to_their_limit() -> None:
    assert delays() == [0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0]


@pytest.mark.parametrize(("roll", "share"), [(0.0, 0.8), (0.5, 1.0), (1.0, 1.2)])
def test_jitter_varies_a_delay_by_a_fifth_both_ways(roll: float, share: float) -> None:
    assert delays(roll=roll)[3] == pytest.approx(4.0 * share)


def test_a_fixed_delay_stays_what_it_is() -> None:
    fixed = replace(OURS, backoff_initial_s=7.0, backoff_max_s=7.0)
    assert delays(fixed, count=4) == [0.0, 7.0, 7.0, 7.0]


def test_the_time_of_the_next_attempt_is_told() -> None:
    after = moves.next_attempt(OURS, replace(HEALING, restarts_in_run=1), NOW, "died", 0.5)
    assert after.condition.next_attempt_at_s == after.condition.wake_at_s == NOW + 1.0
    assert words(after) == "begin backoff"


class TestBudget:
    def test_five_failed_starts_are_enough(self) -> None:
        tried = replace(HEALING, failed_starts=5)
        after = moves.next_attempt(OURS, tried, NOW, "exited with code 1", 0.5)
        assert after.condition.state is State.FAILED
        assert after.condition.reason == (
            "5 starts in a row failed; the last one: exited with code 1"
        )
        assert after.condition.hint
        assert words(after) == "close failed"

    def test_five_deaths_in_ten_minutes_are_enough(self) -> None:
        now_s = 1000.0
        dying = replace(HEALING, deaths_s=(500.0, 600.0, 700.0, 800.0, 1000.0))
        after = moves.next_attempt(OURS, dying, now_s, "killed by SIGKILL", 0.5).condition
        assert after.state is State.FAILED
        assert after.reason == "died 5 times within 10 min; last: killed by SIGKILL"

    def test_deaths_longer_ago_do_not_count(self) -> None:
        now_s = 1101.0
        dying = replace(HEALING, deaths_s=(500.0, 600.0, 700.0, 800.0, 1101.0))
        after = moves.next_attempt(OURS, dying, now_s, "killed", 0.5).condition
        assert after.state is State.HEALING
        assert after.deaths_s == (600.0, 700.0, 800.0, 1101.0)

    def test_a_budget_of_one_is_told_in_the_singular(self) -> None:
        once = replace(OURS, budget=1, deaths_budget=1)
        start = moves.next_attempt(once, replace(HEALING, failed_starts=1), NOW, "no", 0.5)
        death = moves.next_attempt(once, replace(HEALING, deaths_s=(NOW,)), NOW, "no", 0.5)
        assert start.condition.reason == "its start failed: no"
        assert death.condition.reason == "died once within 10 min; last: no"

    def test_without_a_limit_it_tries_for_ever(self) -> None:
        endless = replace(OURS, budget=0, deaths_budget=0)
        tried = replace(HEALING, failed_starts=99, deaths_s=(NOW,) * 99, restarts_in_run=9)
        assert moves.next_attempt(endless, tried, NOW, "no", 0.5).condition.state is State.BACKOFF

    def test_with_policy_never_a_first_start_is_made_and_no_other(self) -> None:
        never = replace(OURS, restart_policy="never")
        first = moves.next_attempt(never, HEALING, NOW, "asked", 0.5).condition
        second = moves.next_attempt(never, replace(HEALING, failed_starts=1), NOW, "no", 0.5)
        assert first.state is State.HEALING
        assert second.condition.state is State.FAILED


class TestSteady:
    def test_after_a_minute_in_service_delays_begin_anew(self) -> None:
        online = at(State.ONLINE, online_since_s=NOW - 60, restarts_in_run=3)
        assert moves.steadied(OURS, online, NOW).restarts_in_run == 0

    def test_before_that_they_do_not(self) -> None:
        online = at(State.ONLINE, online_since_s=NOW - 59.9, restarts_in_run=3)
        assert moves.steadied(OURS, online, NOW).restarts_in_run == 3

    def test_what_does_not_serve_is_not_steady(self) -> None:
        assert moves.steadied(OURS, at(State.FAILED, restarts_in_run=3), NOW).restarts_in_run == 3


class TestIncident:
    def test_opens_once(self) -> None:
        opened = moves.open_incident(at(State.ONLINE), NOW, "exit", "killed")
        again = moves.open_incident(opened.condition, NOW, "start_failed", "no")
        assert (words(opened), words(again)) == ("open exit", "")
        assert again.condition.reason == "no"

    def test_closes_once(self) -> None:
        closed = moves.close_incident(HEALING, "healed", "well")
        assert (words(closed), closed.condition.incident) == ("close healed", False)
        assert not moves.close_incident(closed.condition, "healed", "well").actions


def test_becoming_ready_ends_the_repair_and_forgets_failed_starts() -> None:
    repaired = replace(HEALING, failed_starts=3, failures=2)
    after = moves.ready_and_watched(OURS, repaired, NOW)
    assert words(after) == "close healed"
    assert (after.condition.failed_starts, after.condition.failures) == (0, 0)
    assert after.condition.wake_at_s == NOW + 5.0
    assert after.condition.online_since_s == NOW


def test_checks_keep_their_beat_however_long_one_takes() -> None:
    slow = moves.rest(OURS, at(State.DEGRADED, checked_at_s=NOW - 2.0), NOW).condition
    slower = moves.rest(OURS, at(State.DEGRADED, checked_at_s=NOW - 6.0), NOW).condition
    assert (slow.wake_at_s, slower.wake_at_s) == (NOW + 3.0, NOW + 5.0)


def test_giving_up_goes_on_looking_in_case_somebody_mends_it() -> None:
    watched = moves.give_up(OURS, HEALING, NOW, "why", "what to do").condition
    alone = moves.give_up(OURS, replace(HEALING, watching=False), NOW, "why", "hint").condition
    assert (watched.reason, watched.hint, watched.wake_at_s) == ("why", "what to do", NOW + 5.0)
    assert alone.wake_at_s is None


def test_a_manual_repair_is_no_death() -> None:
    assert moves.repair(at(State.FAILED), NOW, "manual", "asked").condition.deaths_s == ()
    hung = moves.repair(at(State.DEGRADED), NOW, "unresponsive", "silent").condition
    assert hung.deaths_s == (NOW,)


def test_each_start_is_a_new_incarnation_with_a_new_token() -> None:
    before = at(State.STOPPED)
    after = moves.start(before, NOW)
    assert after.condition.incarnation == before.incarnation + 1
    assert after.condition.token == before.token + 1
    assert (after.condition.state, after.condition.pending) == (State.STARTING, "spawn")


def test_a_stop_that_runs_gets_another_end_but_no_second_order() -> None:
    stopping = waiting(State.HEALING, "stop", after_stop="heal")
    after = moves.stop(stopping, NOW, "stopped", "being stopped")
    assert not after.actions
    assert (after.condition.after_stop, after.condition.token) == ("stopped", stopping.token)


def test_a_move_that_the_table_does_not_know_is_a_bug() -> None:
    with pytest.raises(IllegalTransition):
        moves.start(at(State.ONLINE), NOW)
