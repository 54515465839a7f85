"""LM Studio's own chat: requests, named events, the result."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fakes.clock import FakeClock
from fakes.surface_world import said

from llama_runner_pro.core.errors import BadRequest, UpstreamBroken
from llama_runner_pro.gateway.translate.lmstudio_chat import (
    Conversation,
    chat_request,
    parse_chat,
    user_turn,
)
from llama_runner_pro.gateway.translate.meter import Meter


def conversation(response_id: str | None = "resp_1") -> Conversation:
    """An answer of the model `smol`."""
    return Conversation("smol", Meter(FakeClock()), response_id)


def named(text: bytes) -> list[tuple[str, dict[str, Any]]]:
    """Events with their names."""
    found = []
    for block in text.decode().removesuffix("\n\n").split("\n\n"):
        name, data = block.split("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def feed(one: Conversation, *chunks: dict[str, Any]) -> bytes:
    """What the chunks become."""
    return b"".join(one.feed(json.dumps(chunk).encode()) for chunk in chunks)


def test_settings_become_those_of_openai() -> None:
    asked = parse_chat(
        json.dumps(
            {
                "model": "m",
                "input": "Hi",
                "system_prompt": "Be",
                "stream": True,
                "temperature": 0,
                "max_output_tokens": 5,
                "top_k": 3,
                "reasoning": "off",
            }
        ).encode()
    )
    body = chat_request(asked, [{"role": "user", "content": "earlier"}], "up", "llamacpp")
    assert body == {
        "model": "up",
        "stream": True,
        "stream_options": {"include_usage": True},
        "return_progress": True,
        "temperature": 0.0,
        "max_tokens": 5,
        "top_k": 3,
        "chat_template_kwargs": {"enable_thinking": False},
        "messages": [
            {"role": "system", "content": "Be"},
            {"role": "user", "content": "earlier"},
            {"role": "user", "content": "Hi"},
        ],
    }
    assert "return_progress" not in chat_request(asked, [], "up", "vllm")


def test_items_become_parts() -> None:
    items = [{"type": "text", "content": "see"}, {"type": "image", "data_url": "data:x"}]
    asked = parse_chat(json.dumps({"model": "m", "input": items}).encode())
    assert user_turn(asked)["content"] == [
        {"type": "text", "text": "see"},
        {"type": "image_url", "image_url": {"url": "data:x"}},
    ]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"input": 5}, 400),
        ({"integrations": ["mcp/x"]}, 501),
        ({"reasoning": "wild"}, 400),
    ],
)
def test_what_cannot_be_done_is_refused(fields: dict[str, Any], status: int) -> None:
    with pytest.raises(BadRequest) as caught:
        parse_chat(json.dumps({"model": "m", "input": "x", **fields}).encode())
    assert caught.value.status == status


def test_an_item_of_unknown_type_is_refused() -> None:
    with pytest.raises(BadRequest):
        user_turn(parse_chat(b'{"model":"m","input":[{"type":"smell"}]}'))


def test_a_whole_stream_has_every_event_in_order() -> None:
    one = conversation()
    text = one.start() + one.loading() + one.loading(0.5) + one.loaded(2.5) + one.reading()
    progress = {"choices": [], "prompt_progress": {"total": 4, "cache": 0, "processed": 2}}
    usage = {"choices": [], "usage": {"prompt_tokens": 4, "completion_tokens": 3}}
    text += feed(one, progress, said("", reasoning_content="hm"), said("He"), said("y", "stop"))
    text += feed(one, usage) + one.feed(b"[DONE]") + one.end()
    told = named(text)
    assert [name for name, _ in told] == [
        "chat.start",
        "model_load.start",
        "model_load.progress",
        "model_load.end",
        "prompt_processing.start",
        "prompt_processing.progress",
        "prompt_processing.end",
        "reasoning.start",
        "reasoning.delta",
        "reasoning.end",
        "message.start",
        "message.delta",
        "message.delta",
        "message.end",
        "chat.end",
    ]
    assert all(name == data["type"] for name, data in told)
    assert told[2][1]["progress"] == told[5][1]["progress"] == 0.5
    result = told[-1][1]["result"]
    assert result["output"] == [
        {"type": "reasoning", "content": "hm"},
        {"type": "message", "content": "Hey"},
    ]
    assert result["response_id"] == "resp_1"
    stats = result["stats"]
    assert (stats["input_tokens"], stats["total_output_tokens"]) == (4, 3)
    assert stats["model_load_time_seconds"] == 2.5
    assert one.text == "Hey"


def test_a_whole_answer_has_the_same_result() -> None:
    one = conversation(None)
    message = {"message": {"content": "Hey"}, "finish_reason": "stop"}
    feed(one, {"choices": [message]})
    result = one.result()
    assert result["output"] == [{"type": "message", "content": "Hey"}]
    assert "response_id" not in result
    assert "model_load_time_seconds" not in result["stats"]


def test_a_stream_that_breaks_off_is_not_passed_off_as_whole() -> None:
    one = conversation()
    feed(one, said("He"))
    with pytest.raises(UpstreamBroken):
        one.end()
    names = [name for name, _ in named(one.finish())]
    assert names == ["message.end", "chat.end"]


def test_counts_that_nobody_told_are_unknown() -> None:
    one = conversation()
    feed(one, said("", reasoning_content="Hm"), said("Hello", "stop"))
    assert one.result()["stats"]["reasoning_output_tokens"] is None
    one = conversation()
    feed(one, said("Hello", "stop"))
    assert one.result()["stats"]["reasoning_output_tokens"] == 0
    assert conversation().result()["stats"]["time_to_first_token_seconds"] is None
