"""Files that hold no JSON object, said in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from llama_runner_pro.config.document import JsonObject, parse_document, read_document
from llama_runner_pro.core.errors import ConfigError, Problem

PATH = Path("config.json")


def problem_of(content: bytes) -> Problem:
    with pytest.raises(ConfigError) as refused:
        parse_document(PATH, content)
    (problem,) = refused.value.problems
    assert problem.path == "config.json"
    return problem


@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        (b"", "the file is empty", '{"endpoints": []}'),
        (b" \n\t", "the file is empty", ""),
        (b"[]", "must hold one JSON object", "{"),
        (b'"text"', "must hold one JSON object", "{"),
        (b'{"a": 1,}', "line 1, column", "remove the comma"),
        (b'{"a": [1,]}', "line 1, column", "remove the comma"),
        (b'{"a": 1,, "b": 2}', "line 1, column 9", "remove the comma"),
        (b'{"a": }', "line 1, column 7", "a value is missing"),
        (b'{\n  "a": 1\n  "b": 2\n}', "line 3, column 3", "a comma may be missing"),
        (b'{\n  // note\n  "a": 1}', "line 2, column 3", "JSON knows no comments"),
        (b'{"a": 1} # note', "line 1, column 10", "JSON knows no comments"),
        (b"{'a': 1}", "line 1, column 2", "use double quotes"),
        (b'{"a": ', "line 1, column 7", "end too early"),
        (b'{"a": tru}', "line 1, column 7", "check the text around"),
        (b'{"a": NaN}', "NaN is not a JSON number", ""),
        (b'{"a": -Infinity}', "-Infinity is not a JSON number", ""),
        (b'{"a": "\xff"}', "byte 7 is not UTF-8", "save the file as UTF-8"),
        (b'{"a":' * 100_000, "not valid JSON", ""),
    ],
)
def test_unreadable_text_is_said_with_its_place(content: bytes, message: str, hint: str) -> None:
    problem = problem_of(content)
    assert message in problem.message
    assert hint in problem.hint


def test_byte_order_mark_is_no_hindrance() -> None:
    assert parse_document(PATH, b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


def test_keys_that_are_written_twice_are_remembered_once() -> None:
    assert JsonObject([("a", 1), ("a", 2), ("b", 3), ("a", 4)]).repeated == ["a"]
    assert JsonObject([("a", 1), ("b", 2)]).repeated == []


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: None, "the file does not exist"),
        (lambda path: path.mkdir(), "the file cannot be read: Is a directory"),
        (lambda path: path.write_bytes(b" " * 2_000_001), "too large (2000001 bytes)"),
    ],
    ids=["missing", "folder", "huge"],
)
def test_file_that_cannot_be_read_says_why(tmp_path: Path, make: object, message: str) -> None:
    path = tmp_path / "c.json"
    assert callable(make)
    make(path)
    with pytest.raises(ConfigError) as refused:
        read_document(path)
    assert message in refused.value.problems[0].message
    assert str(path) in str(refused.value)
