"""The graph of states, and that the documents show the same one."""

from __future__ import annotations

from pathlib import Path

import pytest

from llama_runner_pro.endpoints.states import (
    ALLOWED,
    MEANING,
    RESTING,
    SERVING,
    IllegalTransition,
    State,
    check_transition,
)

DOCUMENT = Path(__file__).parents[3] / "ARCHITECTURE.md"
BEGIN, END = "<!-- states:begin -->", "<!-- states:end -->"


def graph() -> str:
    """The graph as the document prints it: a line for each state."""
    return "\n".join(
        f"- `{state}` → " + ", ".join(f"`{after}`" for after in State if after in ALLOWED[state])
        for state in State
    )


def test_the_document_shows_the_same_graph() -> None:
    text = DOCUMENT.read_text("utf-8")
    assert BEGIN in text
    shown = text.partition(BEGIN)[2].partition(END)[0].strip()
    assert shown == graph(), f"put this into {DOCUMENT.name}:\n{BEGIN}\n{graph()}\n{END}"


def test_every_state_has_its_moves_and_its_meaning() -> None:
    assert set(ALLOWED) == set(MEANING) == set(State)
    assert all(MEANING.values())


@pytest.mark.parametrize("before", list(State))
def test_exactly_the_moves_of_the_table_are_allowed(before: State) -> None:
    for after in State:
        if after is before or after in ALLOWED[before]:
            assert check_transition(before, after) is after
        else:
            with pytest.raises(IllegalTransition, match=f"from {before} to {after}"):
                check_transition(before, after)


def test_no_state_is_a_dead_end_and_none_is_out_of_reach() -> None:
    reached: set[State] = set()
    for moves in ALLOWED.values():
        assert moves
        reached |= moves
    assert reached == set(State)


def test_serving_and_resting_are_apart() -> None:
    assert not SERVING & RESTING


def test_a_state_is_its_word_on_the_wire() -> None:
    assert f"{State.HEALING}" == State.HEALING.value == "healing"
