"""What follows from a check: stuck work, busy silence, doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.situations import ASKED, NOW, OURS, at, probed, waiting, words
from msgspec.structs import replace

from llama_runner_pro.endpoints.states import State
from llama_runner_pro.supervision import events as e
from llama_runner_pro.supervision.checks import BUSY_PATIENCE
from llama_runner_pro.supervision.healer import decide
from llama_runner_pro.supervision.moves import SUSPECT_BEAT_S
from tests.backend.supervision.depth_rows import DOUBT, ERRORS, STALLS, STUCK

if TYPE_CHECKING:
    from llama_runner_pro.supervision.condition import Condition, Policy


@pytest.mark.parametrize(("policy", "condition", "fact", "state", "ordered"), [*STALLS, *DOUBT])
def test_check(
    policy: Policy, condition: Condition, fact: e.Fact, state: State, ordered: str
) -> None:
    decision = decide(policy, condition, fact, NOW)
    assert (decision.condition.state, words(decision)) == (state, ordered)


def test_the_time_without_progress_is_told() -> None:
    stuck = waiting(State.ONLINE, "liveness", moved_at_s=NOW - 75)
    decision = decide(OURS, stuck, STUCK, NOW)
    assert decision.condition.reason == "a request has made no progress for 75 s"
    assert decision.condition.deaths_s == (NOW,)


def test_a_stuck_request_beside_a_working_slot_is_suspected_again_only_after_the_limit() -> None:
    suspected = decide(ASKED, waiting(State.ONLINE, "liveness", moved_at_s=0.0), STUCK, NOW)
    answer = probed("verify", "ok", activity="stuck")
    answered = replace(answer, token=suspected.condition.token)
    after = decide(ASKED, suspected.condition, answered, NOW + 1).condition
    assert (after.state, after.moved_at_s) == (State.DEGRADED, NOW + 1)
    assert after.reason == "a request of a client makes no progress, others do"


def test_stuck_work_is_counted_from_when_it_was_last_seen_to_move() -> None:
    moving = probed("liveness", "ok", activity="moving")
    after = decide(OURS, waiting(State.ONLINE, "liveness", moved_at_s=3.0), moving, NOW)
    still = decide(OURS, waiting(State.ONLINE, "liveness", moved_at_s=3.0), STUCK, 3.0 + 59.0)
    assert (after.condition.moved_at_s, still.condition.moved_at_s) == (NOW, 3.0)


def test_busy_silence_is_told_as_such_and_ends_at_last() -> None:
    limit = int(BUSY_PATIENCE * OURS.stall_s / OURS.liveness_period_s)
    busy = probed("liveness", "timeout", activity="moving")
    within = decide(OURS, waiting(State.DEGRADED, "liveness", failures=limit - 1), busy, NOW)
    beyond = decide(OURS, waiting(State.DEGRADED, "liveness", failures=limit), busy, NOW)
    assert within.condition.reason == "busy: its work goes on, but no answer"
    assert beyond.condition.state is State.HEALING


def test_errors_of_clients_are_counted_in_the_summary() -> None:
    opened = decide(ASKED, at(State.ONLINE), ERRORS, NOW).actions[0]
    assert isinstance(opened, e.OpenIncident)
    assert opened.summary == "3 completions in a row failed"


def test_a_doubtful_silence_counts_no_failure() -> None:
    doubtful = probed("liveness", "timeout", doubtful=True)
    after = decide(OURS, waiting(State.ONLINE, "liveness", failures=2), doubtful, NOW).condition
    assert (after.failures, after.wake_at_s) == (2, NOW + OURS.liveness_period_s)


def next_check_s(policy: Policy, condition: Condition) -> float:
    """When the check after a failed one is due, counted from the beginning of the failed one."""
    began = replace(condition, checked_at_s=NOW - 2.0)
    after = decide(policy, began, probed("liveness", "timeout"), NOW).condition
    assert after.wake_at_s is not None
    return after.wake_at_s - (NOW - 2.0)


def test_after_a_failed_check_the_next_ones_follow_closer() -> None:
    first = waiting(State.ONLINE, "liveness")
    second = waiting(State.DEGRADED, "liveness", failures=1)
    assert [next_check_s(ASKED, each) for each in (first, second)] == [SUSPECT_BEAT_S] * 2


@pytest.mark.parametrize(
    ("policy", "condition"),
    [
        pytest.param(OURS, waiting(State.ONLINE, "liveness"), id="no token has the last word"),
        pytest.param(
            ASKED, waiting(State.DEGRADED, "liveness", false_alarm=True), id="it was said already"
        ),
        pytest.param(
            replace(ASKED, liveness_failures=None),
            waiting(State.ONLINE, "liveness"),
            id="silence never calls for a repair",
        ),
        pytest.param(ASKED, waiting(State.OFFLINE, "liveness"), id="it is known to be down"),
    ],
)
def test_otherwise_checks_keep_their_beat(policy: Policy, condition: Condition) -> None:
    assert next_check_s(policy, condition) == OURS.liveness_period_s


def test_a_short_beat_stays_short_and_nothing_is_checked_while_nobody_watches() -> None:
    quick = replace(ASKED, liveness_period_s=1.0)
    assert next_check_s(quick, waiting(State.ONLINE, "liveness")) == 2.0
    unwatched = waiting(State.ONLINE, "liveness", watching=False)
    after = decide(ASKED, unwatched, probed("liveness", "timeout"), NOW).condition
    assert after.wake_at_s is None
