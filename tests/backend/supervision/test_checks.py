"""What follows from a check: stuck work, busy silence, doubt."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from fakes.situations import ASKED, NOW, OURS, at, probed, waiting, words

from llama_runner_pro.endpoints.states import State
from llama_runner_pro.supervision import events as e
from llama_runner_pro.supervision.checks import BUSY_PATIENCE
from llama_runner_pro.supervision.healer import decide
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
