"""What follows from a death: memory that ran out, parents that are down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes.situations import NOW, at, words

from llama_runner_pro.endpoints.states import State
from llama_runner_pro.supervision import events as e
from llama_runner_pro.supervision.healer import decide
from tests.backend.supervision.depth_rows import FINAL, MEMORY, OOM, SHRINKS, SMALLER

if TYPE_CHECKING:
    from llama_runner_pro.supervision.condition import Condition, Policy


@pytest.mark.parametrize(("policy", "condition", "fact", "state", "ordered"), MEMORY)
def test_death(
    policy: Policy, condition: Condition, fact: e.Fact, state: State, ordered: str
) -> None:
    decision = decide(policy, condition, fact, NOW)
    assert (decision.condition.state, words(decision)) == (state, ordered)


def test_the_second_end_for_lack_of_memory_comes_with_a_proposal() -> None:
    after = decide(SHRINKS, at(State.ONLINE, ooms=1), OOM, NOW).condition
    assert after.proposal == SMALLER
    assert after.reason == (
        "ran out of memory 2 times; last: killed by SIGKILL, out of memory: "
        "the kernel ended it because memory ran out"
    )
    assert after.hint == "Accept the smaller parameters, or free some memory and press Heal."


def test_a_heal_gives_it_another_two_tries() -> None:
    failed = decide(SHRINKS, at(State.ONLINE, ooms=1), OOM, NOW).condition
    healing = decide(SHRINKS, failed, e.Command("heal"), NOW).condition
    assert (healing.ooms, healing.proposal) == (0, None)


def test_a_refusal_for_lack_of_memory_proposes_less_at_once() -> None:
    refused = e.Exited(3, 71, None, "the model needs 9 GB, 4 GB are free", oom="it says so")
    after = decide(FINAL, at(State.STARTING), refused, NOW).condition
    assert (after.state, after.proposal) == (State.FAILED, SMALLER)
