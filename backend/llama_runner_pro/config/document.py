"""Reading a JSON file that a person wrote: every way in which it can be unreadable, in words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from llama_runner_pro.core.errors import ConfigError, Problem

if TYPE_CHECKING:
    from pathlib import Path

_LIMIT_BYTES = 2_000_000


class JsonObject(dict[str, Any]):
    """A JSON object that remembers which of its keys were written more than once."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.repeated: list[str] = []
        if len(self) != len(pairs):
            keys = [key for key, _ in pairs]
            self.repeated = [key for key in self if keys.count(key) > 1]


def read_document(path: Path) -> JsonObject:
    """The object in the file at `path`. Raises `ConfigError` with the one thing in the way."""
    return parse_document(path, read_content(path))


def read_content(path: Path) -> bytes:
    """The bytes of the file at `path`. Raises `ConfigError`."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise _refused(path, "the file does not exist", "check the path given") from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise _refused(path, f"the file cannot be read: {reason}", "check its rights") from error
    if len(content) > _LIMIT_BYTES:
        raise _refused(path, f"the file is too large ({len(content)} bytes)", "at most 2 MB")
    return content


def parse_document(path: Path, content: bytes) -> JsonObject:
    """The object that `content` spells out; `path` is for the error alone."""
    try:
        # Editors on Windows like to begin a file with a byte order mark.
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        where = f"byte {error.start} is not UTF-8 text"
        raise _refused(path, where, "save the file as UTF-8") from error
    if not text.strip():
        raise _refused(path, "the file is empty", 'the least that is valid is {"endpoints": []}')
    try:
        document = json.loads(text, object_pairs_hook=JsonObject, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}: {_words(error.msg)}"
        raise _refused(path, where, _json_hint(text, error.pos)) from error
    except (RecursionError, ValueError) as error:
        raise _refused(path, f"not valid JSON: {error}", "see https://www.json.org") from error
    if not isinstance(document, JsonObject):
        raise _refused(path, "the file must hold one JSON object", "begin it with {")
    return document


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is not a JSON number")


def _words(message: str) -> str:
    return "not valid JSON: " + message[:1].lower() + message[1:]


def _json_hint(text: str, position: int) -> str:
    """What is most often wrong where the parser stopped."""
    before = text[:position].rstrip()
    here = text[position : position + 2]
    # Newer Pythons stop at the comma itself, older ones behind it.
    if here[:1] == "," or (before.endswith(",") and here[:1] in {"}", "]"}):
        return "remove the comma after the last entry"
    if here[:1] in {"}", "]"}:
        return "a value is missing before this place"
    if here in {"//", "/*"} or here[:1] == "#":
        return "JSON knows no comments; remove them"
    if here[:1] == "'":
        return "use double quotes"
    if here[:1] in {'"', "{", "["}:
        return "a comma may be missing before this place"
    if here == "":
        return "the file seems to end too early"
    return "check the text around this place"


def _refused(path: Path, message: str, hint: str) -> ConfigError:
    return ConfigError([Problem(str(path), message, hint)], source=str(path))
