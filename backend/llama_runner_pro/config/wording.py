"""Types and values in words, for messages about a configuration."""

from __future__ import annotations

import json
import shlex
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

_SHOWN_CHARACTERS = 40
_MOST_COMPARED = 200
"""Looking for the nearest of more words takes longer than it helps."""


def expected(kind: Any) -> str:
    """What a value of this type looks like: `a whole number from 1 to 65535`."""
    return _described(msgspec.inspect.type_info(kind))


def got(value: object) -> str:
    """What was found instead: `the text "80"`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    shown = json.dumps(value, ensure_ascii=False)
    if len(shown) > _SHOWN_CHARACTERS:
        shown = shown[: _SHOWN_CHARACTERS - 2] + '…"'
    return f"the text {shown}" if isinstance(value, str) else f"the number {shown}"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint for a word that is not known: the nearest one, or all of them."""
    words = tuple(known)
    return _nearest(word, tuple(sorted(words))) if len(words) <= _MOST_COMPARED else ""


@lru_cache(256)
def _nearest(word: str, known: tuple[str, ...]) -> str:
    # Only a mistake needs it, and each start would pay.
    import difflib

    lowered = {name.lower(): name for name in known}
    normal = word.lower().replace("-", "_").replace(" ", "_")
    close = difflib.get_close_matches(normal, lowered, n=1, cutoff=0.6)
    if close:
        return f"did you mean {lowered[close[0]]}?"
    return "known are: " + ", ".join(known)


def as_argv(text: str) -> str:
    """A command line as the JSON list that it has to be."""
    try:
        parts = shlex.split(text)
    except ValueError:
        parts = text.split()
    return json.dumps(parts, ensure_ascii=False)


def child(path: str, key: str) -> str:
    """The path of a member: `stop.grace_s`, or `models["my model"]` for an unusual key."""
    if key.replace("-", "_").isidentifier():
        return f"{path}.{key}" if path else key
    return f"{path}[{json.dumps(key, ensure_ascii=False)}]"


def _described(info: msgspec.inspect.Type) -> str:
    match info:
        case msgspec.inspect.BoolType():
            return "true or false"
        case msgspec.inspect.IntType():
            return "a whole number" + _range(info)
        case msgspec.inspect.FloatType():
            return "a number" + _range(info)
        case msgspec.inspect.StrType():
            return _text(info)
        case msgspec.inspect.LiteralType():
            return "one of " + ", ".join(str(value) for value in info.values)
        case msgspec.inspect.VarTupleType():
            return "a list"
        case msgspec.inspect.UnionType():
            return " or ".join(_described(part) for part in info.types)
        case msgspec.inspect.NoneType():
            return "null"
        case _:
            return "an object"


def _range(info: msgspec.inspect.IntType | msgspec.inspect.FloatType) -> str:
    if info.ge is not None and info.le is not None:
        return f" from {info.ge:g} to {info.le:g}"
    low = f" greater than {info.gt:g}" if info.gt is not None else ""
    high = f", at most {info.le:g}" if info.le is not None else ""
    return low + high


def _text(info: msgspec.inspect.StrType) -> str:
    if info.max_length is not None:
        return f"a text of {info.min_length or 0} to {info.max_length} characters"
    return "a text"
