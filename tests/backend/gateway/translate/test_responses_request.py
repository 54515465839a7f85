"""Requests of OpenAI's Responses API become chats."""

from __future__ import annotations

import json
from typing import Any

import pytest

from llama_runner_pro.core.errors import BadRequest
from llama_runner_pro.gateway.translate.responses_request import parse_response, response_request


def made(**fields: Any) -> dict[str, Any]:
    """What a request becomes."""
    body = json.dumps({"model": "m", "input": "Hi", **fields}).encode()
    return response_request(parse_response(body), "up")


def test_a_plain_request_keeps_its_settings() -> None:
    body = made(
        instructions="Be", max_output_tokens=5, temperature=0.5, reasoning={"effort": "low"}
    )
    assert body == {
        "model": "up",
        "stream": False,
        "max_tokens": 5,
        "temperature": 0.5,
        "reasoning_effort": "low",
        "messages": [{"role": "system", "content": "Be"}, {"role": "user", "content": "Hi"}],
    }
    assert made(stream=True)["stream_options"] == {"include_usage": True}


def test_items_become_turns_and_calls_in_a_row_one_turn() -> None:
    def call(number: int) -> dict[str, str]:
        return {"type": "function_call", "call_id": f"c{number}", "name": "f", "arguments": "{}"}

    turns = made(
        input=[
            {"role": "developer", "content": "Be"},
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "a"}]},
            {"type": "reasoning", "summary": []},
            call(1),
            call(2),
            {"type": "function_call_output", "call_id": "c1", "output": "x"},
            {"type": "function_call_output", "call_id": "c2", "output": [1]},
        ]
    )["messages"]
    assert turns[:2] == [{"role": "system", "content": "Be"}, {"role": "user", "content": "a"}]
    assert [one["id"] for one in turns[2]["tool_calls"]] == ["c1", "c2"]
    assert [(one["role"], one["content"]) for one in turns[3:]] == [("tool", "x"), ("tool", "[1]")]


def test_pictures_stay_parts() -> None:
    content = [{"type": "input_text", "text": "see"}, {"type": "input_image", "image_url": "u"}]
    turns = made(input=[{"role": "user", "content": content}])["messages"]
    assert turns[0]["content"] == [
        {"type": "text", "text": "see"},
        {"type": "image_url", "image_url": {"url": "u"}},
    ]


def test_tools_choice_and_form_are_carried_over() -> None:
    form = {"type": "json_schema", "name": "n", "schema": {}, "strict": True}
    body = made(
        tools=[{"type": "function", "name": "f", "parameters": {}, "strict": None}],
        tool_choice={"type": "function", "name": "f"},
        text={"format": form},
    )
    function = {"name": "f", "parameters": {}}
    assert body["tools"] == [{"type": "function", "function": function}]
    assert body["tool_choice"] == {"type": "function", "function": {"name": "f"}}
    assert body["response_format"]["json_schema"] == {"name": "n", "schema": {}, "strict": True}
    assert made(text={"format": {"type": "json_object"}})["response_format"] == {
        "type": "json_object"
    }
    assert "response_format" not in made(text={"format": {"type": "text"}})


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"input": 5}, 400),
        ({"input": [{"type": "computer_call"}]}, 400),
        ({"input": [{"role": "user", "content": 5}]}, 400),
        ({"input": [{"role": "user", "content": [{"type": "input_file"}]}]}, 400),
        ({"tools": [{"type": "web_search"}]}, 400),
        ({"previous_response_id": "resp_1"}, 501),
    ],
)
def test_what_cannot_be_carried_over_is_refused(fields: dict[str, Any], status: int) -> None:
    with pytest.raises(BadRequest) as caught:
        made(**fields)
    assert caught.value.status == status
