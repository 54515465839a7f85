"""After a bug of ours nothing waits for ever, and no model pays for it."""

from __future__ import annotations

import pytest
from fakes.situations import NOW, OURS, at, waiting, words

from llama_runner_pro.endpoints.states import State
from llama_runner_pro.supervision.resume import resumed


def test_with_nothing_under_way_nothing_changes() -> None:
    online = at(State.ONLINE, wake_at_s=NOW + 1)
    assert resumed(OURS, online, NOW).condition is online


def test_a_start_that_was_cut_short_is_tried_again() -> None:
    after = resumed(OURS, waiting(State.STARTING, "spawn"), NOW)
    assert (after.condition.state, after.condition.pending) == (State.HEALING, "spawn")
    assert words(after) == "open start_failed, fail, spawn"


def test_a_stop_that_was_cut_short_is_told_to_the_user() -> None:
    after = resumed(OURS, at(State.STOPPING), NOW).condition
    assert after.state is State.FAILED
    assert "LlamaRunner Pro" in (after.reason or "")


@pytest.mark.parametrize("purpose", ["first", "startup", "liveness", "verify", "verify_ready"])
def test_a_check_that_was_cut_short_is_made_again_and_never_counts_as_failed(purpose: str) -> None:
    before = waiting(State.DEGRADED, purpose, failures=2)
    after = resumed(OURS, before, NOW)
    assert (after.condition.state, after.condition.failures) == (State.DEGRADED, 2)
    assert words(after) == f"probe {purpose}"
