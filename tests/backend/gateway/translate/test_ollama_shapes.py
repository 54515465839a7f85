"""Requests to Ollama's API are checked by their shape."""

from __future__ import annotations

import pytest

from llama_runner_pro.core.errors import BadRequest
from llama_runner_pro.gateway.translate.ollama_shapes import (
    ChatAsked,
    CreateAsked,
    Named,
    parsed,
    required,
)


def test_streaming_is_the_default() -> None:
    assert parsed(b'{"model":"m"}', ChatAsked).streams
    assert not parsed(b'{"model":"m","stream":false}', ChatAsked).streams


def test_unknown_fields_do_no_harm() -> None:
    assert parsed(b'{"model":"m","x":{}}', ChatAsked).model == "m"


def test_the_older_field_for_the_name_still_works() -> None:
    assert parsed(b'{"name":"m"}', Named).wanted == "m"
    assert parsed(b'{"model":"m","from":"n"}', CreateAsked).from_ == "n"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "missing request body"),
        (b"{", "invalid request"),
        (b'{"model":5}', "model"),
        (b'{"model":"m","messages":[{"role":5}]}', "role"),
        (b'{"model":"m","top_logprobs":21}', "top_logprobs"),
        (b'{"model":"m","top_logprobs":-1}', "top_logprobs"),
    ],
)
def test_a_malformed_body_is_refused_and_says_where(body: bytes, said: str) -> None:
    with pytest.raises(BadRequest, match=said):
        parsed(body, ChatAsked)


def test_a_model_must_be_named() -> None:
    with pytest.raises(BadRequest, match="model is required"):
        required("")


@pytest.mark.parametrize("body", [b'{"format":' + b"[" * 100_000, b'{"model":"\xff"}'])
def test_garbage_of_every_kind_is_the_clients_mistake(body: bytes) -> None:
    with pytest.raises(BadRequest, match="invalid request"):
        parsed(body, ChatAsked)
