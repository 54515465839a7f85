"""Conversations are remembered, but not for ever and not without end."""

from __future__ import annotations

import pytest

from llama_runner_pro.core.errors import BadRequest
from llama_runner_pro.gateway.surfaces.conversations import Conversations

TURN = {"role": "user", "content": "x"}


def test_a_conversation_is_found_by_the_id_of_its_answer() -> None:
    kept = Conversations()
    one = kept.new_id()
    kept.keep(one, (TURN,))
    assert kept.turns(one) == (TURN,)
    assert kept.turns(None) == ()
    assert one.startswith("resp_")


def test_an_unknown_one_is_an_error_and_never_an_empty_beginning() -> None:
    with pytest.raises(BadRequest) as caught:
        Conversations().turns("resp_x")
    assert caught.value.status == 404


def test_the_longest_unused_is_forgotten_first() -> None:
    kept = Conversations(most=2)
    kept.keep("a", (TURN,))
    kept.keep("b", (TURN,))
    kept.turns("a")
    kept.keep("c", (TURN,))
    assert kept.turns("a")
    with pytest.raises(BadRequest):
        kept.turns("b")


def test_room_is_bounded_in_bytes_too() -> None:
    kept = Conversations(most_bytes=60)
    kept.keep("a", (TURN,))
    kept.keep("b", (TURN,))
    with pytest.raises(BadRequest):
        kept.turns("a")
    kept.keep("c", (TURN, TURN, TURN))
    assert kept.turns("b")
    with pytest.raises(BadRequest):
        kept.turns("c")
