"""A derived model's system prompt, turns and parameters go where each API has them."""

from __future__ import annotations

from typing import Any

import pytest

from llama_runner_pro.config.derived import DerivedModelSpec, TurnSpec
from llama_runner_pro.core.errors import BadRequest
from llama_runner_pro.gateway.translate.derived import (
    derived,
    modelfile,
    options_of,
    parameter_lines,
    plain_name,
    seasoned,
    settings_of,
)
from llama_runner_pro.gateway.translate.ollama_shapes import CreateAsked, Message

PIRATE = DerivedModelSpec(
    name="pirate",
    base="smol",
    system="Talk like a pirate",
    parameters={"temperature": 0.2, "top_k": 5, "num_predict": 9, "num_ctx": 4096},
    stop=("END",),
)
HI = {"role": "user", "content": "Hi"}
SYSTEM = {"role": "system", "content": "Talk like a pirate"}


def test_ollamas_chat_gets_system_and_options_that_the_request_may_change() -> None:
    told = {"model": "pirate", "messages": [HI], "options": {"top_k": 1}}
    made = seasoned("/api/chat", told, PIRATE, "llamacpp")
    assert made["messages"] == [SYSTEM, HI]
    assert made["options"] == {**options_of(PIRATE), "top_k": 1}
    assert made["model"] == "pirate"


@pytest.mark.parametrize("role", ["system", "developer"])
def test_a_system_prompt_of_the_conversation_is_the_one_that_counts(role: str) -> None:
    own = {"role": role, "content": "Be kind"}
    for path in ("/api/chat", "/v1/chat/completions"):
        made = seasoned(path, {"messages": [own, HI]}, PIRATE, "llamacpp")
        assert made["messages"] == [own, HI]


def test_a_chat_without_turns_only_loads_and_stays_that() -> None:
    assert "messages" not in seasoned("/api/chat", {"model": "p"}, PIRATE, "llamacpp")
    assert seasoned("/api/chat", {"messages": []}, PIRATE, "llamacpp")["messages"] == []


def test_first_turns_stand_before_those_of_the_conversation() -> None:
    turn = TurnSpec(role="assistant", content="Ahoy")
    recipe = DerivedModelSpec(name="p", base="smol", system="S", messages=(turn,))
    made = seasoned("/v1/chat/completions", {"messages": [HI]}, recipe, "vllm")
    assert [one["role"] for one in made["messages"]] == ["system", "assistant", "user"]
    made = seasoned("/v1/messages", {"messages": [HI]}, recipe, "vllm")
    assert [one["role"] for one in made["messages"]] == ["assistant", "user"]
    assert made["system"] == "S"


def test_generate_gets_the_system_prompt_unless_it_is_raw() -> None:
    made = seasoned("/api/generate", {"prompt": "Hi"}, PIRATE, "llamacpp")
    assert made["system"] == "Talk like a pirate"
    made = seasoned("/api/generate", {"prompt": "Hi", "system": "Mine"}, PIRATE, "llamacpp")
    assert made["system"] == "Mine"
    assert "system" not in seasoned("/api/generate", {"raw": True}, PIRATE, "llamacpp")


def test_openais_chat_gets_parameters_under_openais_names() -> None:
    told = {"messages": [HI], "temperature": 1, "top_p": None}
    made = seasoned("/v1/chat/completions", told, PIRATE, "llamacpp")
    assert made == {
        "messages": [SYSTEM, HI],
        "temperature": 1,
        "top_k": 5,
        "max_tokens": 9,
        "stop": ["END"],
    }
    told = {"messages": [HI], "max_completion_tokens": 3}
    assert "max_tokens" not in seasoned("/v1/chat/completions", told, PIRATE, "llamacpp")
    # A strict server would refuse what it does not know.
    assert "top_k" not in seasoned("/v1/chat/completions", told, PIRATE, "openai")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (
            "/v1/messages",
            {
                "system": "Talk like a pirate",
                "temperature": 0.2,
                "top_k": 5,
                "stop_sequences": ["END"],
                "messages": None,
            },
        ),
        (
            "/v1/responses",
            {"instructions": "Talk like a pirate", "temperature": 0.2, "max_output_tokens": 9},
        ),
        (
            "/api/v1/chat",
            {
                "system_prompt": "Talk like a pirate",
                "temperature": 0.2,
                "top_k": 5,
                "max_output_tokens": 9,
            },
        ),
        (
            "/v1/completions",
            {"temperature": 0.2, "top_k": 5, "max_tokens": 9, "stop": ["END"]},
        ),
        ("/v1/embeddings", {}),
    ],
)
def test_each_api_has_its_own_places(path: str, expected: dict[str, Any]) -> None:
    assert seasoned(path, {}, PIRATE, "llamacpp") == expected


def test_one_that_is_made_of_a_derived_one_has_what_that_has() -> None:
    asked = CreateAsked(parameters={"top_k": 1, "seed": 7}, license=["A", "B"])
    made = derived("captain:latest", "pirate", PIRATE, asked)
    assert (made.name, made.base, made.system) == ("captain", "smol", "Talk like a pirate")
    assert made.parameters == {**PIRATE.parameters, "top_k": 1, "seed": 7}
    assert (made.stop, made.license) == (("END",), "A\nB")
    asked = CreateAsked(system="", messages=[Message(role="user", content="x")])
    made = derived("captain", "pirate", PIRATE, asked)
    assert (made.system, len(made.messages)) == (None, 1)


@pytest.mark.parametrize(
    "asked",
    [
        CreateAsked(messages=[Message(role="tool", content="x")]),
        CreateAsked(messages=[Message(role="user", images=["x"])]),
        CreateAsked(parameters={"warmth": 1}),
        CreateAsked(parameters={"temperature": "hot"}),
        CreateAsked(parameters={"stop": 3}),
        CreateAsked(system="x" * 100_001),
    ],
)
def test_what_makes_no_sense_is_said(asked: CreateAsked) -> None:
    with pytest.raises(BadRequest):
        derived("bot", "smol", None, asked)


@pytest.mark.parametrize("name", ["", "  ", ":latest", "a\nb", "x" * 101])
def test_a_name_of_nothing_is_refused(name: str) -> None:
    with pytest.raises(BadRequest, match="invalid model name"):
        plain_name(name)


def test_stop_texts_stand_apart() -> None:
    assert settings_of({"stop": "A", "seed": None, "num_ctx": 8}) == ({"num_ctx": 8}, ("A",))
    assert settings_of(None) == ({}, ())


def test_every_line_of_parameters_is_a_name_and_a_value() -> None:
    recipe = DerivedModelSpec(name="p", base="b", parameters={"top_k": 5}, stop=("a\nb", "c"))
    lines = [line.split(None, 1) for line in parameter_lines(recipe).split("\n")]
    assert lines == [["top_k", "5"], ["stop", '"a\\nb"'], ["stop", '"c"']]


def test_the_modelfile_tells_how_it_is_made() -> None:
    turn = TurnSpec(role="user", content="Hi")
    recipe = DerivedModelSpec(name="p", base="b", system="S", messages=(turn,), license="MIT")
    assert modelfile("b:latest", recipe).split("\n")[:4] == [
        "FROM b:latest",
        'SYSTEM """S"""',
        'MESSAGE user """Hi"""',
        'LICENSE """MIT"""',
    ]
