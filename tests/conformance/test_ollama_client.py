"""Ollama's own Python package against its door."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import httpx
import ollama
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Doors

HI = [{"role": "user", "content": "Say hello"}]
SHORT = {"num_predict": 8, "temperature": 0}


@pytest.fixture
def client(doors: Doors) -> Iterator[ollama.Client]:
    """The package at our door."""
    with ollama.Client(host=doors.ollama, timeout=400) as made:
        yield made


def test_chat_and_its_counters(client: ollama.Client, model: str) -> None:
    answer = client.chat(model=model, messages=HI, options=SHORT)
    assert answer.message.role == "assistant"
    assert answer.message.content
    assert answer.done
    assert answer.done_reason in {"stop", "length"}
    assert 0 < (answer.eval_count or 0) <= 8
    assert (answer.eval_duration or 0) > 0
    assert (answer.prompt_eval_count or 0) > 0


def test_chat_as_a_stream(client: ollama.Client, model: str) -> None:
    parts = list(client.chat(model=model + ":latest", messages=HI, options=SHORT, stream=True))
    assert [part.done for part in parts] == [False] * (len(parts) - 1) + [True]
    assert "".join(part.message.content or "" for part in parts)
    assert 0 < (parts[-1].eval_count or 0) <= 8


def test_generate_in_its_kinds(client: ollama.Client, model: str) -> None:
    answer = client.generate(model=model, prompt="Say hello", system="Be kind", options=SHORT)
    assert answer.response
    raw = client.generate(model=model, prompt="Once upon a", raw=True, options=SHORT)
    assert raw.response
    parts = list(client.generate(model=model, prompt="Hello", stream=True, options=SHORT))
    assert parts[-1].done


def test_a_schema_is_obeyed(client: ollama.Client, model: str) -> None:
    schema = {
        "type": "object",
        "properties": {"yes": {"type": "boolean"}},
        "required": ["yes"],
    }
    answer = client.chat(
        model=model, messages=HI, format=schema, options={"num_predict": 200, "temperature": 0}
    )
    assert "".join((answer.message.content or "").split()).startswith('{"yes":')


@pytest.mark.parametrize("stream", [False, True])
def test_tools(client: ollama.Client, stream: bool) -> None:
    def weather(city: str) -> str:
        """Tell the weather.

        Args:
            city: where
        """
        return f"sunny in {city}"

    turns: list[Any] = [{"role": "user", "content": "How is the weather in Rome?"}]
    if stream:
        parts = list(client.chat(model="caller", messages=turns, tools=[weather], stream=True))
        message = next(part.message for part in parts if part.message.tool_calls)
        assert parts[-1].done
    else:
        message = client.chat(model="caller", messages=turns, tools=[weather]).message
    assert message.tool_calls
    function = message.tool_calls[0].function
    assert (function.name, function.arguments) == ("weather", {"city": "Rome"})
    turns += [message, {"role": "tool", "content": "sunny", "tool_name": "weather"}]
    answer = client.chat(model="caller", messages=turns, tools=[weather])
    assert answer.message.content == "It is sunny."


def test_vectors(client: ollama.Client, plain: str) -> None:
    answer = client.embed(model=plain, input=["one", "two"])
    assert [round(math.hypot(*one), 3) for one in answer.embeddings] == [1.0, 1.0]
    assert len(client.embeddings(model=plain, prompt="one").embedding) > 100
    assert client.embed(model=plain, input=[]).embeddings == []


def test_models_are_listed_and_shown(client: ollama.Client, model: str) -> None:
    listed = {one.model: one for one in client.list().models}
    item = listed[f"{model}:latest"]
    assert item.details is not None
    assert item.digest
    assert len(item.digest) == 64
    shown = client.show(model)
    assert shown.modelinfo is not None
    assert shown.capabilities
    assert "completion" in shown.capabilities


def test_a_model_is_unloaded_and_loaded_again(client: ollama.Client) -> None:
    def running() -> set[str]:
        return {one.model or "" for one in client.ps().models}

    client.generate(model="smol", prompt="", keep_alive=0)
    assert "smol:latest" not in running()
    answer = client.generate(model="smol", keep_alive="5m")
    assert (answer.done, answer.done_reason) == (True, "load")
    assert "smol:latest" in running()
    assert client.chat(model="smol", messages=HI, options=SHORT).message.content


def test_pulling_what_is_here_succeeds_and_what_is_not_says_so(client: ollama.Client) -> None:
    assert client.pull("smol").status == "success"
    assert list(client.pull("smol", stream=True))[-1].status == "success"
    with pytest.raises(ollama.ResponseError, match="not found"):
        list(client.pull("no-such-model", stream=True))


def test_a_model_of_ones_own(doors: Doors, client: ollama.Client, model: str) -> None:
    name = f"mine-of-{model}"
    options = ollama.Options(num_predict=3, temperature=0, stop=["nowhere"])
    made = client.create(name, from_=model, system="You are a pirate.", parameters=options)
    assert made.status == "success"
    assert client.create(f"{name}2", from_=name, parameters={"num_predict": 2}).status == "success"
    listed = {one.model: one for one in client.list().models}
    assert {f"{name}:latest", f"{name}2:latest"} <= set(listed)
    shown = client.show(name)
    assert shown.parameters is not None
    assert ["num_predict", "3"] in [line.split() for line in shown.parameters.splitlines()]
    assert 'SYSTEM """You are a pirate."""' in (shown.modelfile or "")
    # Its system prompt makes the prompt longer or shorter than the usual one.
    usual = client.chat(model=model, messages=HI, options={"num_predict": 1}).prompt_eval_count
    answer = client.chat(model=name, messages=HI)
    assert answer.eval_count == 3
    assert answer.prompt_eval_count != usual
    assert client.generate(f"{name}2", "Say hello").eval_count == 2
    asked = {"model": name, "messages": HI}
    told = httpx.post(f"{doors.openai}/v1/chat/completions", json=asked, timeout=400).json()
    assert told["usage"]["completion_tokens"] == 3
    assert told["usage"]["prompt_tokens"] == answer.prompt_eval_count
    client.copy(name, f"{name}3")
    assert client.show(f"{name}3").parameters == shown.parameters
    for each in (name, f"{name}2", f"{name}3"):
        client.delete(each)
    with pytest.raises(ollama.ResponseError, match="not found"):
        client.chat(model=name, messages=HI)


def test_errors_are_the_packages_own(client: ollama.Client) -> None:
    with pytest.raises(ollama.ResponseError) as missing:
        client.chat(model="no-such-model", messages=HI)
    assert missing.value.status_code == 404
    assert "model 'no-such-model' not found" in missing.value.error
    with pytest.raises(ollama.ResponseError) as wrong:
        client.chat(model="smol", messages=HI, options={"top_k": "x"})
    assert wrong.value.status_code == 400


def test_a_stream_that_is_given_up_leaves_the_server_free(client: ollama.Client) -> None:
    for _ in range(4):
        parts = client.chat(model="smol", messages=HI, stream=True, options={"num_predict": 1500})
        next(iter(parts))
        parts.close()  # type: ignore[attr-defined]
    assert client.chat(model="smol", messages=HI, options={"num_predict": 2}).done
