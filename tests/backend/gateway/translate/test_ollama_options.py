"""Ollama's options in the words of OpenAI's API."""

from __future__ import annotations

import pytest

from llama_runner_pro.core.errors import BadRequest
from llama_runner_pro.gateway.translate.ollama_options import (
    keep_alive_s,
    response_format,
    sampling,
    thinking,
)


def test_each_option_becomes_the_field_of_the_same_meaning() -> None:
    options = {
        "temperature": 1,
        "top_p": 0.9,
        "seed": 7,
        "stop": ["a", "b"],
        "num_predict": 64,
        "presence_penalty": 0.5,
        "frequency_penalty": 0.25,
        "top_k": 40,
        "min_p": 0.05,
        "typical_p": 1.0,
        "repeat_penalty": 1.1,
        "repeat_last_n": 64,
    }
    wanted = {**options, "temperature": 1.0, "max_tokens": 64}
    del wanted["num_predict"]
    assert sampling(options, "llamacpp") == wanted


def test_a_strict_server_gets_only_what_openai_knows() -> None:
    assert sampling({"top_k": 40, "top_p": 0.9}, "openai") == {"top_p": 0.9}


def test_vllm_has_its_own_name_for_the_repeat_penalty() -> None:
    options = {"repeat_penalty": 1.1, "top_k": 3, "repeat_last_n": 5}
    assert sampling(options, "vllm") == {"repetition_penalty": 1.1, "top_k": 3}


@pytest.mark.parametrize("endless", [-1, -2, 0])
def test_no_limit_of_tokens_is_no_field(endless: int) -> None:
    assert sampling({"num_predict": endless}, "llamacpp") == {}


def test_unknown_options_and_those_of_loading_are_ignored() -> None:
    options = {"num_ctx": 8192, "num_gpu": 99, "use_mmap": True, "mirostat_eta": "x", "seed": None}
    assert sampling(options, "llamacpp") == {}
    assert sampling(None, "llamacpp") == {}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"temperature": "hot"}, 'option "temperature" must be of type float32'),
        ({"top_k": 1.5}, 'option "top_k" must be of type int'),
        ({"seed": True}, 'option "seed" must be of type int'),
        ({"use_mmap": 1}, 'option "use_mmap" must be of type bool'),
        ({"stop": 5}, 'option "stop" must be of type array'),
        ({"stop": [5]}, 'option "stop" must be of type array'),
    ],
)
def test_a_known_option_of_the_wrong_type_is_refused(options: dict[str, object], said: str) -> None:
    with pytest.raises(BadRequest, match=said):
        sampling(options, "llamacpp")


def test_one_stop_text_is_a_list_of_one() -> None:
    assert sampling({"stop": "x"}, "openai") == {"stop": ["x"]}


def test_a_format_is_json_or_a_schema() -> None:
    schema = {"type": "object"}
    told = response_format(schema)
    assert response_format("json") == {"type": "json_object"}
    assert told is not None
    assert told["json_schema"]["schema"] == schema
    assert response_format(None) is None
    assert response_format("") is None
    with pytest.raises(BadRequest, match="invalid format"):
        response_format("xml")


def test_thinking_is_switched_where_the_template_knows_the_switch() -> None:
    off = {"chat_template_kwargs": {"enable_thinking": False}}
    assert thinking(False, "llamacpp") == off
    assert thinking("max", "openai") == {"reasoning_effort": "high"}
    assert thinking(False, "ollama") == {"reasoning_effort": "none"}
    assert thinking("low", "lmstudio") == {"reasoning_effort": "low"}
    assert thinking(None, "llamacpp") == {}
    with pytest.raises(BadRequest, match="invalid think value"):
        thinking("hard", "llamacpp")


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        (None, None),
        ("", None),
        ("5m", 300),
        ("1h30m", 5400),
        ("1.5s", 1.5),
        ("300ms", 0.3),
        ("10", 10),
        (60, 60),
        (0, 0),
        ("0", 0),
        ("0s", 0),
        (-1, -1),
        ("-1", -1),
        ("-5m", -1),
        (10**30, -1),
        (1e308, -1),
        ("9999999999999999h", -1),
    ],
)
def test_how_long_a_model_stays_is_text_or_seconds(
    told: str | float | None, seconds: float | None
) -> None:
    assert keep_alive_s(told) == seconds


@pytest.mark.parametrize("told", ["soon", "5 minutes", "5m!"])
def test_what_is_no_duration_is_refused(told: str) -> None:
    with pytest.raises(BadRequest, match="invalid duration"):
        keep_alive_s(told)


@pytest.mark.parametrize("name", ["seed", "temperature", "num_predict", "num_ctx"])
def test_a_number_beyond_all_bounds_is_refused(name: str) -> None:
    with pytest.raises(BadRequest, match=f'option "{name}" must be of type'):
        sampling({name: int("9" * 400)}, "openai")


def test_no_stop_texts_are_no_field() -> None:
    assert sampling({"stop": []}, "openai") == {}
