"""Requests of Ollama's API become requests that every server understands."""

from __future__ import annotations

import json

import pytest

from llama_runner_pro.core.errors import BadRequest
from llama_runner_pro.gateway.translate.ollama_request import (
    chat_request,
    embed_request,
    encoded,
    generate_request,
    picture_url,
    shortened,
)
from llama_runner_pro.gateway.translate.ollama_shapes import (
    ChatAsked,
    EmbedAsked,
    GenerateAsked,
    parsed,
)

TOOL = {"type": "function", "function": {"name": "weather", "parameters": {}}}


def chat(kind: str = "llamacpp", **fields: object) -> dict[str, object]:
    """What a chat becomes."""
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": "Hi"}], **fields})
    made = chat_request(parsed(body.encode(), ChatAsked), "up", kind)
    loaded: dict[str, object] = json.loads(encoded(made))
    return loaded


def generate(kind: str = "llamacpp", **fields: object) -> tuple[str, dict[str, object]]:
    """What a completion becomes."""
    body = json.dumps({"model": "m", **fields})
    return generate_request(parsed(body.encode(), GenerateAsked), "up", kind)


def test_a_plain_chat_streams_and_asks_for_the_tokens() -> None:
    assert chat() == {
        "model": "up",
        "stream": True,
        "stream_options": {"include_usage": True},
        "messages": [{"role": "user", "content": "Hi"}],
    }


def test_a_chat_that_does_not_stream_has_no_stream_options() -> None:
    assert "stream_options" not in chat(stream=False)


def test_options_format_thinking_tools_and_logprobs_are_carried_over() -> None:
    made = chat(
        options={"temperature": 0.5, "num_predict": 9},
        format="json",
        think=True,
        tools=[TOOL],
        logprobs=True,
        top_logprobs=2,
    )
    assert (made["temperature"], made["max_tokens"]) == (0.5, 9)
    assert made["response_format"] == {"type": "json_object"}
    assert made["chat_template_kwargs"] == {"enable_thinking": True}
    assert made["tools"] == [TOOL]
    assert (made["logprobs"], made["top_logprobs"]) == (True, 2)


def test_pictures_become_parts_with_their_type() -> None:
    made = chat(messages=[{"role": "user", "content": "see", "images": ["iVBORw0KGgoAAA", "/9j/"]}])
    assert made["messages"] == [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "see"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgoAAA"}},
                {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,/9j/"}},
            ],
        }
    ]
    assert picture_url("data:x") == "data:x"


def test_calls_get_ids_and_text_and_answers_find_their_call() -> None:
    def call(name: str, place: str) -> dict[str, object]:
        return {"function": {"name": name, "arguments": {"place": place}}}

    made = chat(
        messages=[
            {"role": "assistant", "content": "", "tool_calls": [call("a", "x"), call("b", "y")]},
            {"role": "tool", "content": "of b", "tool_name": "b"},
            {"role": "tool", "content": "of a"},
        ]
    )
    turns = made["messages"]
    assert isinstance(turns, list)
    assert turns[0]["tool_calls"] == [
        {
            "id": "call_0_0",
            "type": "function",
            "function": {"name": "a", "arguments": '{"place":"x"}'},
        },
        {
            "id": "call_0_1",
            "type": "function",
            "function": {"name": "b", "arguments": '{"place":"y"}'},
        },
    ]
    assert [turn["tool_call_id"] for turn in turns[1:]] == ["call_0_1", "call_0_0"]
    assert [turn["name"] for turn in turns[1:]] == ["b", "a"]


def test_an_answer_to_a_call_that_is_not_there_keeps_its_own_id() -> None:
    made = chat(messages=[{"role": "tool", "content": "x", "tool_call_id": "call_9"}])
    assert isinstance(made["messages"], list)
    assert made["messages"][0]["tool_call_id"] == "call_9"


def test_earlier_thoughts_are_given_back_to_the_model() -> None:
    made = chat(messages=[{"role": "assistant", "content": "a", "thinking": "hm"}])
    assert isinstance(made["messages"], list)
    assert made["messages"][0]["reasoning_content"] == "hm"


def test_a_role_that_does_not_exist_is_refused() -> None:
    with pytest.raises(BadRequest, match='invalid role "robot"'):
        chat(messages=[{"role": "robot", "content": "x"}])


def test_a_prompt_is_a_chat_with_one_turn() -> None:
    path, body = generate(prompt="Hi", system="Be brief")
    assert path == "/v1/chat/completions"
    assert body["messages"] == [
        {"role": "system", "content": "Be brief"},
        {"role": "user", "content": "Hi"},
    ]


def test_a_raw_prompt_goes_past_the_template() -> None:
    path, body = generate(prompt="<s>Hi", raw=True, format="json", think=True, logprobs=True)
    assert path == "/v1/completions"
    assert body == {
        "model": "up",
        "stream": True,
        "stream_options": {"include_usage": True},
        "prompt": "<s>Hi",
        "logprobs": 0,
        "json_schema": {"type": "object"},
    }


def test_a_raw_prompt_obeys_a_schema_in_the_words_of_its_server() -> None:
    schema = {"type": "array"}
    _, body = generate(prompt="x", raw=True, format=schema)
    assert body["json_schema"] == schema
    _, body = generate("vllm", prompt="x", raw=True, format=schema)
    form = body["response_format"]
    assert isinstance(form, dict)
    assert form["json_schema"]["schema"] == schema


def test_filling_in_uses_llama_cpps_own_way() -> None:
    path, body = generate(prompt="a", suffix="b", options={"num_predict": 5})
    assert path == "/infill"
    assert body == {
        "stream": True,
        "n_predict": 5,
        "input_prefix": "a",
        "input_suffix": "b",
        "prompt": "",
    }


def test_other_servers_get_the_suffix_as_openai_had_it() -> None:
    path, body = generate("vllm", prompt="a", suffix="b")
    assert path == "/v1/completions"
    assert (body["prompt"], body["suffix"]) == ("a", "b")


def test_a_template_of_ones_own_is_refused_with_a_way_out() -> None:
    with pytest.raises(BadRequest, match="raw: true"):
        generate(prompt="a", template="{{ .Prompt }}")


def test_texts_to_embed_ask_for_floats() -> None:
    asked = EmbedAsked(model="m", input=["a"], dimensions=64)
    floats = {"model": "up", "input": ["a"], "encoding_format": "float"}
    # Many servers refuse to shorten vectors; we do.
    assert embed_request(asked, "up", "llamacpp") == floats
    assert embed_request(asked, "up", "vllm") == {**floats, "truncate_prompt_tokens": -1}


def test_texts_that_are_too_long_are_cut_to_what_the_server_says() -> None:
    asked = EmbedAsked(model="m", input=["a" * 1_000, "b"])
    told = "input (600 tokens) is too large to process. (current batch size: 512)"
    cut = shortened(asked, told)
    assert cut is not None
    assert [len(text) for text in cut.input or ()] == [768, 1]
    half = shortened(EmbedAsked(model="m", input="a" * 10), "the text is too long")
    assert half is not None
    assert half.input == ["a" * 5]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (EmbedAsked(model="m", input="abc", truncate=False), "too long"),
        (EmbedAsked(model="m", input="abc"), "out of memory"),
        (EmbedAsked(model="m", input="a"), "too long"),
        (EmbedAsked(model="m", input=[]), "too long"),
    ],
)
def test_nothing_else_is_cut(asked: EmbedAsked, told: str) -> None:
    assert shortened(asked, told) is None
