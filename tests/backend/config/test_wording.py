"""Types and values in words."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from msgspec import Meta

from llama_runner_pro.config.wording import as_argv, child, did_you_mean, expected, got


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (bool, "true or false"),
        (int, "a whole number"),
        (Annotated[int, Meta(ge=1, le=9)], "a whole number from 1 to 9"),
        (Annotated[float, Meta(gt=0)], "a number greater than 0"),
        (Annotated[float, Meta(gt=0, le=9)], "a number greater than 0, at most 9"),
        (str, "a text"),
        (Annotated[str, Meta(min_length=1, max_length=9)], "a text of 1 to 9 characters"),
        (Literal["a", "b"], "one of a, b"),
        (tuple[str, ...], "a list"),
        (str | None, "a text or null"),
        (dict[str, str], "an object"),
    ],
)
def test_type_is_described(kind: Any, words: str) -> None:
    assert expected(kind) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        ({}, "an object"),
        ([], "an empty list"),
        ([1], "a list"),
        ("ä", 'the text "ä"'),
        ("x" * 99, 'the text "' + "x" * 37 + '…"'),
        (1.5, "the number 1.5"),
    ],
)
def test_value_is_described(value: object, words: str) -> None:
    assert got(value) == words


def test_nearest_word_is_offered_and_otherwise_all() -> None:
    assert did_you_mean("Start-Command", ["start_command", "url"]) == "did you mean start_command?"
    assert did_you_mean("zzz", ["b", "a"]) == "known are: a, b"


def test_command_line_is_split_as_a_shell_would() -> None:
    assert as_argv("run 'a b' c") == '["run", "a b", "c"]'
    assert as_argv("it's broken") == '["it\'s", "broken"]'


@pytest.mark.parametrize(
    ("path", "key", "joined"),
    [("", "a", "a"), ("a", "b", "a.b"), ("a", "ctx-size", "a.ctx-size"), ("a", "b c", 'a["b c"]')],
)
def test_path_grows_readably(path: str, key: str, joined: str) -> None:
    assert child(path, key) == joined
