"""What the REST shapes take and what they refuse."""

from __future__ import annotations

import msgspec
import pytest

from llama_runner_pro.api.schemas import (
    DebugRequest,
    Envelope,
    HealRequest,
    HealWait,
    IncidentsQuery,
    LogsQuery,
    LogStreamQuery,
    NoBody,
    NoQuery,
    ProblemDetails,
)


@pytest.mark.parametrize(
    "shape",
    [HealRequest, HealWait, DebugRequest, NoBody, NoQuery, LogsQuery, LogStreamQuery],
)
def test_whatever_comes_in_may_be_empty_but_holds_no_unknown_fields(
    shape: type[msgspec.Struct],
) -> None:
    assert msgspec.json.decode(b"{}", type=shape) == shape()
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        msgspec.json.decode(b'{"surprise": 1}', type=shape)


def test_a_heal_waits_for_all_models_unless_told_otherwise() -> None:
    assert HealRequest() == HealRequest(model=None, wait=True)


@pytest.mark.parametrize(
    ("shape", "limits"),
    [(LogsQuery, ("lines", 0, 5000)), (LogStreamQuery, ("lines", 0, 1000))],
)
def test_numbers_have_limits(shape: type[msgspec.Struct], limits: tuple[str, int, int]) -> None:
    name, low, high = limits
    for value in (low, high):
        msgspec.convert({name: value}, shape)
    for value in (low - 1, high + 1):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({name: value}, shape)


def test_a_list_of_incidents_is_bounded() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"limit": 501}, IncidentsQuery)


def test_a_problem_leaves_out_what_is_empty() -> None:
    problem = ProblemDetails(type="t", title="T", status=404, code="c", detail="d")
    assert set(msgspec.to_builtins(problem)) == {"type", "title", "status", "code", "detail"}


def test_an_envelope_checks_what_it_carries() -> None:
    wrong = {"status": "success", "message": "", "data": {"wait": 1}, "timestamp": ""}
    with pytest.raises(msgspec.ValidationError, match=r"\$\.data\.wait"):
        msgspec.convert(wrong, Envelope[HealWait])
