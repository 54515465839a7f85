"""Anthropic's own Python package: spoken natively by one model, translated for the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anthropic
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Doors

HI: Any = [{"role": "user", "content": "Say hello"}]
HALF_A_SIGN = 10_813
WEATHER: Any = {
    "name": "weather",
    "description": "Tells the weather of a city",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"type": "string", "enum": ["Rome", "Oslo"]}},
        "required": ["city"],
    },
}


@pytest.fixture
def client(doors: Doors) -> Iterator[anthropic.Anthropic]:
    """The package at our door."""
    with anthropic.Anthropic(
        base_url=doors.openai, api_key="none", max_retries=0, timeout=400
    ) as made:
        yield made


def test_a_message(client: anthropic.Anthropic, model: str) -> None:
    answer = client.messages.create(model=model, max_tokens=8, messages=HI, system="Be kind")
    assert answer.content[0].type == "text"
    assert answer.content[0].text
    assert answer.stop_reason in {"end_turn", "max_tokens"}
    assert 0 < answer.usage.output_tokens <= 8


def test_a_stream(client: anthropic.Anthropic, model: str) -> None:
    with client.messages.stream(model=model, max_tokens=8, messages=HI) as stream:
        names = [event.type for event in stream]
        final = stream.get_final_message()
    assert names[0] == "message_start"
    assert names[-1] == "message_stop"
    assert final.stop_reason in {"end_turn", "max_tokens"}
    assert 0 < final.usage.output_tokens <= 8


def test_a_stream_that_begins_with_an_emoji(client: anthropic.Anthropic) -> None:
    # The token that this favours is the first of three that make one sign together.
    wanted = {"logit_bias": [[HALF_A_SIGN, 1000]]}
    with client.messages.stream(
        model="smol", max_tokens=8, messages=HI, extra_body=wanted
    ) as stream:
        names = [event.type for event in stream]
    assert names[:2] == ["message_start", "content_block_start"]


@pytest.mark.parametrize("stream", [False, True])
def test_tools(client: anthropic.Anthropic, stream: bool) -> None:
    question: Any = {"role": "user", "content": "How is the weather in Rome?"}
    asked: Any = {"model": "caller", "max_tokens": 60, "tools": [WEATHER]}
    if stream:
        with client.messages.stream(messages=[question], **asked) as events:
            answer = events.get_final_message()
    else:
        answer = client.messages.create(messages=[question], **asked)
    call = answer.content[0]
    assert call.type == "tool_use"
    assert (call.name, call.input) == ("weather", {"city": "Rome"})
    assert answer.stop_reason == "tool_use"
    result: Any = {"type": "tool_result", "tool_use_id": call.id, "content": "sunny"}
    turns = [question, {"role": "assistant", "content": answer.content}]
    last = client.messages.create(messages=[*turns, {"role": "user", "content": [result]}], **asked)
    assert last.content[0].type == "text"
    assert last.content[0].text == "It is sunny."


def test_tokens_are_counted_or_honestly_not(client: anthropic.Anthropic, plain: str) -> None:
    assert client.messages.count_tokens(model="smol", messages=HI).input_tokens > 3
    with pytest.raises(anthropic.APIStatusError) as refused:
        client.messages.count_tokens(model=plain, messages=HI)
    assert refused.value.status_code == 501


def test_errors_are_the_packages_own(client: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.NotFoundError, match="not found"):
        client.messages.create(model="no-such-model", max_tokens=8, messages=HI)
