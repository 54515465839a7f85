"""Secrets in texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from llama_runner_pro.core.secrets import (
    HIDDEN,
    forget_secrets,
    is_secret_name,
    register_secret,
    without_secrets,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    yield
    forget_secrets()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Authorization: Bearer abc.def", f"Authorization: {HIDDEN}"),
        ("authorization: Basic dXNlcjpwYXNz", f"authorization: {HIDDEN}"),
        ("{'Authorization': 'Bearer abc'}", f"{{'Authorization': '{HIDDEN}'}}"),
        ("Cookie: session=1; a=2", f"Cookie: {HIDDEN}"),
        ("sent bearer abcdef123", f"sent bearer {HIDDEN}"),
        ("api_key=12 next", f"api_key={HIDDEN} next"),
        ('{"api-key": "12", "n": 1}', f'{{"api-key": "{HIDDEN}", "n": 1}}'),
        ("HF_TOKEN=abc", f"HF_TOKEN={HIDDEN}"),
        ("run --api-key abc --port 1", f"run --api-key {HIDDEN} --port 1"),
        ("PGPASSWORD=abc", f"PGPASSWORD={HIDDEN}"),
        ("GET /x?token=abcdefgh1&a=1", f"GET /x?token={HIDDEN}&a=1"),
        ("key sk-abcdefghijklmnopqrst!", f"key {HIDDEN}!"),
        ("hf_abcdefghijklmnopqrst", HIDDEN),
        ("http://me:pw@host/x", f"http://{HIDDEN}@host/x"),
    ],
)
def test_what_looks_like_a_credential_is_hidden(text: str, shown: str) -> None:
    assert without_secrets(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "EOS token = 2 '</s>'",
        "max_tokens=512 n_tokens: 12",
        "tokenizer.ggml.model=gpt2",
        "http://127.0.0.1:8585/api?lines=5",
        "the password is not shown",
        "keyboard=1 monkey: 2",
        "author: somebody",
    ],
)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert without_secrets(text) == text


def test_registered_value_is_hidden_wherever_it_occurs() -> None:
    register_secret("hunter2x")
    register_secret("hunter2x-and-more")
    assert without_secrets("a hunter2x-and-more b hunter2x") == f"a {HIDDEN} b {HIDDEN}"
    forget_secrets()
    assert without_secrets("hunter2x") == "hunter2x"


def test_value_too_short_to_hide_is_passed_over() -> None:
    register_secret("abc")
    register_secret("")
    assert without_secrets("abc") == "abc"


@pytest.mark.parametrize(
    "name",
    ["API_KEY", "api-key", "x.key", "HF_TOKEN", "PGPASSWORD", "Authorization", "client_secret"],
)
def test_name_speaks_of_a_secret(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize("name", ["ctx-size", "max_tokens", "keyboard", "tokenizer", "HOST", ""])
def test_name_speaks_of_no_secret(name: str) -> None:
    assert not is_secret_name(name)
