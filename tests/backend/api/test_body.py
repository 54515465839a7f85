"""Bodies and queries: bounded, JSON, of the declared shape."""

from __future__ import annotations

import msgspec
import pytest
from fakes.api_world import World, call

from llama_runner_pro.api.body import BODY_LIMIT_BYTES, parse_body, parse_query, place_of
from llama_runner_pro.api.problems import ApiProblem
from llama_runner_pro.api.schemas import HealRequest, LogsQuery, NoBody

HEAL = "/api/ai-monitor/heal"


def test_no_body_counts_as_an_empty_object() -> None:
    assert parse_body(b"", HealRequest) == HealRequest()
    assert parse_body(b"  \n", NoBody) == NoBody()


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b'{"model": "a",}', "line 1, column 15"),
        (b'{\n  "model": oops\n}', "line 2, column 12"),
        (b'{"model": "a"', "line 1, column 14"),
        (b"\xff", "line 1, column 1"),
    ],
)
def test_broken_json_is_told_line_and_column(body: bytes, place: str) -> None:
    with pytest.raises(ApiProblem) as raised:
        parse_body(body, HealRequest)
    assert raised.value.details.code == "bad_json"
    assert raised.value.details.detail.startswith(place)


def test_an_unknown_field_is_named_with_the_known_ones() -> None:
    with pytest.raises(ApiProblem) as raised:
        parse_body(b'{"modle": "a"}', HealRequest)
    details = raised.value.details
    assert (details.status, details.code) == (422, "unknown_field")
    assert "modle" in details.detail
    assert "model, wait" in details.hint


def test_a_command_without_fields_says_so() -> None:
    with pytest.raises(ApiProblem, match="no field 'force'") as raised:
        parse_body(b'{"force": true}', NoBody)
    assert raised.value.details.hint == "this command takes no fields"


def test_a_wrong_type_is_named_with_its_path() -> None:
    with pytest.raises(ApiProblem, match=r"\$\.wait") as raised:
        parse_body(b'{"wait": "yes"}', HealRequest)
    assert (raised.value.details.status, raised.value.details.code) == (422, "invalid_value")


def test_query_parameters_are_converted_and_checked() -> None:
    assert parse_query({"lines": "5"}, LogsQuery).lines == 5
    for wrong in ({"lines": "many"}, {"lines": "5001"}, {"level": "loud"}, {"liens": "5"}):
        with pytest.raises(ApiProblem) as raised:
            parse_query(wrong, LogsQuery)
        assert raised.value.details.status == 422


def test_the_place_of_an_error_without_offset_is_the_end() -> None:
    assert place_of(msgspec.DecodeError("cut off"), b"ab\ncd") == "line 2, column 3"


async def test_a_large_body_is_refused_whether_announced_or_not(world: World) -> None:
    app, large = world.app(), b" " * (BODY_LIMIT_BYTES + 1)
    announced = {"content-length": str(len(large))}
    for headers in ({}, announced):
        answer = await call(app, "POST", HEAL, body=large, headers=headers)
        assert (answer.status, answer.json["data"]["code"]) == (413, "body_too_large")
    assert world.supervisor.calls == []


async def test_a_body_that_does_not_say_what_it_is_is_refused(world: World) -> None:
    answer = await call(world.app(), "POST", HEAL, body=b"{}", headers={"content-type": ""})
    assert answer.status == 415
    assert world.supervisor.calls == []


async def test_a_command_without_body_and_type_works(world: World) -> None:
    assert (await call(world.app(), "POST", HEAL)).status == 200


async def test_nothing_changes_when_the_body_is_wrong(world: World) -> None:
    app = world.app()
    for body in (b"{", b'{"modle": 1}', b'{"model": 1}', b"[]", b'"x"'):
        answer = await call(app, "POST", HEAL, body=body)
        assert answer.status in (400, 422)
    assert world.supervisor.calls == []
