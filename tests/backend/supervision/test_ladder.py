"""What comes next in a repair."""

from __future__ import annotations

import pytest

from llama_runner_pro.supervision.ladder import next_step


def whole(*, port: bool, temp_paths: bool, inference: bool) -> list[str]:
    """All steps from the first on."""
    steps, step = [], "verify"
    while step is not None:
        steps.append(step)
        step = next_step(step, port=port, temp_paths=temp_paths, inference=inference)  # type: ignore[assignment]
    return steps


def test_all_steps_in_their_order() -> None:
    assert whole(port=True, temp_paths=True, inference=True) == [
        *("verify", "graceful_stop", "port", "temp_cleanup"),
        *("start", "wait_ready", "verify_ready", "close"),
    ]


def test_steps_that_do_not_apply_are_left_out() -> None:
    steps = ["verify", "graceful_stop", "start", "wait_ready", "close"]
    assert whole(port=False, temp_paths=False, inference=False) == steps


@pytest.mark.parametrize("unplanned", ["forced_stop", "backoff"])
def test_unplanned_steps_lead_back_to_the_plan(unplanned: str) -> None:
    assert next_step(unplanned, port=True, temp_paths=False, inference=False) == "port"


@pytest.mark.parametrize("step", ["close", "something else"])
def test_after_the_last_one_nothing_follows(step: str) -> None:
    assert next_step(step, port=True, temp_paths=True, inference=True) is None
