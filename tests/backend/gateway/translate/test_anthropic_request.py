"""Requests of Anthropic's Messages API become chats that every server understands."""

from __future__ import annotations

import json
from typing import Any

import pytest

from llama_runner_pro.core.errors import BadRequest
from llama_runner_pro.gateway.translate.anthropic_request import messages_request, parse_messages

TOOL = {"name": "weather", "description": "Tells it", "input_schema": {"type": "object"}}


def made(kind: str = "vllm", **fields: Any) -> dict[str, Any]:
    """What a request becomes."""
    body = {"model": "m", "messages": [{"role": "user", "content": "Hi"}], **fields}
    return messages_request(parse_messages(json.dumps(body).encode()), "up", kind)


def test_a_plain_request_keeps_its_settings() -> None:
    fields = {"temperature": 1, "top_p": 0.5, "top_k": 4, "max_tokens": 9, "stop_sequences": ["x"]}
    assert made(system="Be brief", **fields) == {
        "model": "up",
        "stream": False,
        "temperature": 1.0,
        "top_p": 0.5,
        "top_k": 4,
        "max_tokens": 9,
        "stop": ["x"],
        "messages": [
            {"role": "system", "content": "Be brief"},
            {"role": "user", "content": "Hi"},
        ],
    }


def test_a_stream_asks_for_the_tokens() -> None:
    assert made(stream=True)["stream_options"] == {"include_usage": True}


def test_results_of_tools_are_turns_and_come_before_the_words_beside_them() -> None:
    turns = made(
        messages=[
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "hm", "signature": ""},
                    {"type": "text", "text": "Let me see"},
                    {"type": "tool_use", "id": "t1", "name": "weather", "input": {"at": "x"}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "And?"},
                    {
                        "type": "tool_result",
                        "tool_use_id": "t1",
                        "content": [{"type": "text", "text": "sunny"}],
                    },
                ],
            },
        ]
    )["messages"]
    function = {"name": "weather", "arguments": '{"at":"x"}'}
    assert turns == [
        {
            "role": "assistant",
            "content": "Let me see",
            "reasoning_content": "hm",
            "tool_calls": [{"id": "t1", "type": "function", "function": function}],
        },
        {"role": "tool", "tool_call_id": "t1", "content": "sunny"},
        {"role": "user", "content": "And?"},
    ]


def test_pictures_and_texts_are_parts() -> None:
    picture = {"type": "base64", "media_type": "image/jpeg", "data": "AA"}
    turns = made(
        system=[{"type": "text", "text": "a"}, {"type": "text", "text": "b"}],
        messages=[
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "see"},
                    {"type": "image", "source": picture},
                    {"type": "image", "source": {"type": "url", "url": "http://x/y.png"}},
                    {"type": "document", "source": {"type": "text", "data": "notes"}},
                ],
            }
        ],
    )["messages"]
    assert turns[0] == {"role": "system", "content": "a\nb"}
    assert turns[1]["content"] == [
        {"type": "text", "text": "see"},
        {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,AA"}},
        {"type": "image_url", "image_url": {"url": "http://x/y.png"}},
        {"type": "text", "text": "notes"},
    ]


@pytest.mark.parametrize(
    ("choice", "wanted"),
    [
        ({"type": "auto"}, "auto"),
        ({"type": "any"}, "required"),
        ({"type": "none"}, "none"),
        (
            {"type": "tool", "name": "weather"},
            {"type": "function", "function": {"name": "weather"}},
        ),
    ],
)
def test_tools_and_how_they_are_chosen_are_carried_over(
    choice: dict[str, Any], wanted: object
) -> None:
    body = made(tools=[TOOL], tool_choice={**choice, "disable_parallel_tool_use": True})
    function = {
        "name": "weather",
        "parameters": {"type": "object"},
        "description": "Tells it",
    }
    assert body["tools"] == [{"type": "function", "function": function}]
    assert body["tool_choice"] == wanted
    assert body["parallel_tool_calls"] is False


def test_thinking_is_switched() -> None:
    on = made(thinking={"type": "enabled", "budget_tokens": 1024})
    assert on["chat_template_kwargs"] == {"enable_thinking": True}
    off = made(thinking={"type": "disabled"})
    assert off["chat_template_kwargs"] == {"enable_thinking": False}


@pytest.mark.parametrize(
    "fields",
    [
        {"messages": 5},
        {"messages": [{"role": "robot", "content": "x"}]},
        {"messages": [{"role": "user", "content": [{"type": "video"}]}]},
        {"messages": [{"role": "user", "content": [{"type": "image", "source": {}}]}]},
        {
            "messages": [
                {"role": "user", "content": [{"type": "document", "source": {"type": "base64"}}]}
            ]
        },
        {"tools": [{"type": "web_search_20250305", "name": "web_search"}]},
        {"tools": [TOOL], "tool_choice": {"type": "maybe"}},
    ],
)
def test_what_cannot_be_carried_over_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(BadRequest):
        made(**fields)


def test_a_body_that_is_not_json_is_refused() -> None:
    with pytest.raises(BadRequest):
        parse_messages(b"{")


def test_a_picture_that_a_tool_gave_is_shown_by_the_user() -> None:
    picture = {
        "type": "image",
        "source": {"type": "base64", "media_type": "image/png", "data": "AA"},
    }
    content = [{"type": "text", "text": "the file"}, picture]
    result = {"type": "tool_result", "tool_use_id": "t", "content": content}
    turns = made(messages=[{"role": "user", "content": [result]}])["messages"]
    assert turns[0] == {"role": "tool", "tool_call_id": "t", "content": "the file"}
    url = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}}
    assert turns[1] == {"role": "user", "content": [url]}


def test_a_schema_for_the_answer_goes_along() -> None:
    schema = {"type": "object"}
    told = made(output_config={"format": {"type": "json_schema", "schema": schema}})
    assert told["response_format"]["json_schema"]["schema"] == schema
    assert "response_format" not in made(output_config={"effort": "low"})
    with pytest.raises(BadRequest, match="json_schema"):
        made(output_config={"format": {"type": "grammar"}})


def test_an_answer_without_room_is_refused() -> None:
    with pytest.raises(BadRequest, match="max_tokens"):
        made(max_tokens=0)
