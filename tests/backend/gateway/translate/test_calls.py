"""Calls of tools are joined from whatever pieces they come in."""

from __future__ import annotations

import pytest

from llama_runner_pro.gateway.translate.calls import Calls, arguments_object, new_call_id
from llama_runner_pro.gateway.translate.chunks import CallPiece, FunctionPiece


def piece(
    index: int | None, id_: str | None, name: str | None, arguments: str | dict[str, object] | None
) -> CallPiece:
    """One piece of a call."""
    return CallPiece(index, id_, FunctionPiece(name, arguments))


def test_pieces_are_joined_by_their_index_also_when_interleaved() -> None:
    calls = Calls()
    calls.add([piece(1, "b", "two", '{"y"'), piece(0, "a", "one", '{"x":')])
    calls.add([piece(0, None, None, "1}"), piece(1, None, None, ":2}")])
    assert [(call.id, call.name, call.arguments_object) for call in calls.joined()] == [
        ("a", "one", {"x": 1}),
        ("b", "two", {"y": 2}),
    ]


def test_without_an_index_an_id_begins_the_next_call() -> None:
    calls = Calls()
    calls.add([piece(None, "a", "one", "{}"), piece(None, "b", "two", "{}")])
    calls.add([piece(None, None, None, "")])
    assert [call.name for call in calls.joined()] == ["one", "two"]


def test_arguments_that_come_as_an_object_are_taken() -> None:
    calls = Calls()
    calls.add([piece(0, "a", "one", {"x": [1]})])
    assert calls.joined()[0].arguments == '{"x":[1]}'


def test_a_call_without_an_id_gets_one() -> None:
    calls = Calls()
    calls.add([CallPiece(0, None, None)])
    assert calls.joined()[0].id.startswith("call_")
    assert len(new_call_id()) == len("call_") + 8


def test_no_pieces_are_no_calls() -> None:
    assert not Calls()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", {}),
        ('{"a":1}', {"a": 1}),
        ("[1]", {"raw": "[1]"}),
        ('{"a"', {"raw": '{"a"'}),
        # Small models fall into repeating themselves.
        ('{"a":' * 3_000, {"raw": '{"a":' * 3_000}),
    ],
)
def test_arguments_are_an_object_whatever_the_model_wrote(text: str, wanted: object) -> None:
    assert arguments_object(text) == wanted
