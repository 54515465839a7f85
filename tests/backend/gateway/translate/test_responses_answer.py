"""Answers become Responses, with events that are numbered without a gap."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fakes.clock import FakeClock
from fakes.surface_world import said, whole

from llama_runner_pro.core.errors import UpstreamBroken
from llama_runner_pro.gateway.translate.meter import Meter
from llama_runner_pro.gateway.translate.responses_answer import ResponseEvents
from llama_runner_pro.gateway.translate.responses_request import parse_response

USAGE = {
    "choices": [],
    "usage": {
        "prompt_tokens": 5,
        "completion_tokens": 2,
        "prompt_tokens_details": {"cached_tokens": 4},
    },
}


def events() -> ResponseEvents:
    """An answer to a short question."""
    asked = parse_response(b'{"model":"m","input":"Hi"}')
    return ResponseEvents(asked, Meter(FakeClock()), 1_767_268_800)


def told(*chunks: dict[str, Any]) -> list[dict[str, Any]]:
    """Every event of a whole stream; its name must be its type."""
    one = events()
    text = b"".join([*(one.feed(json.dumps(chunk).encode()) for chunk in chunks), one.end()])
    found = []
    for block in text.decode().removesuffix("\n\n").split("\n\n"):
        name, data = block.split("\n")
        found.append(json.loads(data.removeprefix("data: ")))
        assert name == f"event: {found[-1]['type']}"
    return found


def test_a_text_has_every_event_in_order() -> None:
    found = told(said("He"), said("y", "stop"), USAGE)
    assert [one["type"].removeprefix("response.") for one in found] == [
        "created",
        "in_progress",
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.delta",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "completed",
    ]
    assert [one["sequence_number"] for one in found] == list(range(10))
    response = found[-1]["response"]
    assert response["status"] == "completed"
    assert response["output"][0]["content"][0]["text"] == "Hey"
    assert response["usage"] == {
        "input_tokens": 5,
        "input_tokens_details": {"cached_tokens": 4},
        "output_tokens": 2,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 7,
    }


def test_thoughts_and_calls_are_items_of_their_own() -> None:
    call = {"index": 0, "id": "c1", "function": {"name": "f", "arguments": '{"x":1}'}}
    found = told(said("", reasoning_content="hm"), said("", "tool_calls", tool_calls=[call]))
    output = found[-1]["response"]["output"]
    assert [one["type"] for one in output] == ["reasoning", "function_call"]
    assert output[0]["content"] == [{"type": "reasoning_text", "text": "hm"}]
    assert (output[1]["call_id"], output[1]["arguments"]) == ("c1", '{"x":1}')
    names = [one["type"] for one in found]
    assert "response.reasoning_text.delta" in names
    assert "response.function_call_arguments.done" in names


def test_an_answer_that_was_cut_says_so() -> None:
    last = told(said("He", "length"))[-1]
    assert last["type"] == "response.incomplete"
    assert last["response"]["incomplete_details"] == {"reason": "max_output_tokens"}


def test_a_whole_answer_is_one_object() -> None:
    response = json.loads(events().whole(json.dumps(whole("Hello")).encode()))
    assert (response["status"], response["object"]) == ("completed", "response")
    assert response["output"][0]["content"][0]["text"] == "Hello"
    assert response["usage"]["total_tokens"] == 5


def test_a_stream_that_breaks_off_is_not_passed_off_as_whole() -> None:
    one = events()
    one.feed(json.dumps(said("He")).encode())
    with pytest.raises(UpstreamBroken):
        one.end()


def test_usage_that_nobody_told_is_unknown() -> None:
    last = told(said("Hello", "stop"))[-1]
    assert (last["type"], last["response"]["usage"]) == ("response.completed", None)


def test_a_failure_is_the_next_event() -> None:
    one = events()
    begun = one.feed(json.dumps(said("He")).encode()).count(b"event: ")
    fault = {"message": "it is gone", "type": "server_error", "param": None, "code": "gone"}
    name, data = one.failed(fault).decode().rstrip("\n").split("\n")
    assert name == "event: error"
    assert json.loads(data.removeprefix("data: ")) == {
        "type": "error",
        "sequence_number": begun,
        "code": "gone",
        "message": "it is gone",
        "param": None,
        "error": fault,
    }
