"""OpenAI's own Python package against both doors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import openai
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Doors

WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Tells the weather of a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string", "enum": ["Rome", "Oslo"]}},
            "required": ["city"],
        },
    },
}
HI: Any = [{"role": "user", "content": "Say hello"}]


@pytest.fixture(params=["openai", "ollama"])
def client(request: pytest.FixtureRequest, doors: Doors) -> Iterator[openai.OpenAI]:
    """The package, at each door in turn."""
    base_url = getattr(doors, request.param) + "/v1"
    with openai.OpenAI(base_url=base_url, api_key="none", max_retries=0, timeout=400) as made:
        yield made


def test_chat(client: openai.OpenAI, model: str) -> None:
    answer = client.chat.completions.create(model=model, messages=HI, max_tokens=8)
    assert answer.choices[0].message.content
    assert answer.usage is not None
    assert answer.usage.completion_tokens > 0


def test_stream_with_and_without_usage(client: openai.OpenAI, model: str) -> None:
    chunks = list(
        client.chat.completions.create(
            model=model, messages=HI, max_tokens=8, temperature=0, stream=True
        )
    )
    assert all(chunk.choices for chunk in chunks)
    # llama.cpp itself leaves the role out when the first character takes several tokens.
    first = chunks[0].choices[0].delta
    assert first.role == "assistant" or not (first.content or "").isascii()
    assert len({(chunk.id, chunk.model) for chunk in chunks}) == 1
    assert chunks[-1].choices[0].finish_reason in {"stop", "length"}
    chunks = list(
        client.chat.completions.create(
            model=model,
            messages=HI,
            max_tokens=8,
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None


@pytest.mark.parametrize("stream", [False, True])
def test_tools(client: openai.OpenAI, stream: bool) -> None:
    question: Any = {"role": "user", "content": "How is the weather in Rome?"}
    asked: Any = {"model": "caller", "messages": [question], "tools": [WEATHER]}
    if stream:
        with client.chat.completions.stream(**asked) as events:
            message = events.get_final_completion().choices[0].message
    else:
        message = client.chat.completions.create(**asked).choices[0].message
    assert message.tool_calls
    function = message.tool_calls[0].function
    assert (function.name, json.loads(function.arguments)) == ("weather", {"city": "Rome"})
    result: Any = {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": "sunny"}
    answer = client.chat.completions.create(
        model="caller",
        messages=[question, message.model_dump(exclude_none=True), result],  # type: ignore[list-item]
        tools=[WEATHER],
    )
    assert answer.choices[0].message.content == "It is sunny."


def test_completions(client: openai.OpenAI, model: str) -> None:
    answer = client.completions.create(model=model, prompt="Once upon a", max_tokens=5)
    assert answer.choices[0].text


def test_responses(client: openai.OpenAI, model: str) -> None:
    answer = client.responses.create(model=model, input="Say hello", max_output_tokens=16)
    assert answer.output_text
    events = client.responses.create(
        model=model, input="Say hello", max_output_tokens=16, stream=True
    )
    names = [event.type for event in events]
    assert names[0] == "response.created"
    assert "response.output_text.delta" in names
    assert names[-1] in {"response.completed", "response.incomplete"}


def test_responses_are_put_together_by_the_package(client: openai.OpenAI) -> None:
    with client.responses.stream(model="caller", input="sunny") as events:
        assert events.get_final_response().output_text == "It is sunny."
    tool: Any = {"type": "function", **WEATHER["function"]}
    with client.responses.stream(model="caller", input="Rome?", tools=[tool]) as events:
        call = events.get_final_response().output[0]
    assert call.type == "function_call"
    assert json.loads(call.arguments) == {"city": "Rome"}


def test_embeddings_come_as_floats_though_the_package_asks_for_base64(
    client: openai.OpenAI, plain: str
) -> None:
    answer = client.embeddings.create(model=plain, input=["one", "two"])
    assert len(answer.data) == 2
    assert all(isinstance(value, float) for value in answer.data[0].embedding)


def test_models_are_listed_and_found(client: openai.OpenAI, model: str) -> None:
    listed = {one.id.removesuffix(":latest") for one in client.models.list()}
    assert model in listed
    assert client.models.retrieve(model).object == "model"


def test_errors_are_the_packages_own(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as missing:
        client.chat.completions.create(model="no-such-model", messages=HI)
    assert "not found" in missing.value.message
    assert missing.value.code == "model_not_found"
    wrong: Any = "text"
    with pytest.raises(openai.BadRequestError):
        client.chat.completions.create(model="smol", messages=wrong)


def test_a_stream_that_is_given_up_leaves_the_server_free(client: openai.OpenAI) -> None:
    for _ in range(4):
        stream = client.chat.completions.create(
            model="smol", messages=HI, max_tokens=1500, stream=True
        )
        next(iter(stream))
        stream.close()
    answer = client.chat.completions.create(model="smol", messages=HI, max_tokens=2)
    assert answer.choices[0].message.content
