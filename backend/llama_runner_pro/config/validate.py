"""Checking a document against our structs, all problems at once.

msgspec stops at the first problem; here each value is checked on its own, so that a person sees
everything that is wrong in one go.
"""

from __future__ import annotations

import math
import types
import typing
from functools import cache
from typing import Any, Final

import msgspec

from llama_runner_pro.config.wording import as_argv, child, did_you_mean, expected, got
from llama_runner_pro.core.errors import Problem

WRONG: Final = object()
"""Stands for a value that could not be made sense of; its problem is noted."""
_HALF = "write the character itself instead of \\ud800 … \\udfff"


class Checker:
    """Converts values and notes what is wrong with them."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._faulty: set[str] = set()

    def note(self, path: str, message: str, hint: str = "") -> None:
        """One more problem."""
        self.problems.append(Problem(*(_sendable(text) for text in (path, message, hint))))
        above = (path[:at] for at, character in enumerate(path) if character in ".[")
        self._faulty.update(above, (path,))

    def faulty(self, path: str) -> bool:
        """True when something at or below `path` was noted."""
        return path in self._faulty

    def object_fields(
        self, shape: type[msgspec.Struct], value: object, path: str
    ) -> dict[str, Any] | None:
        """The sound members of an object; None when `value` is no object at all."""
        if not isinstance(value, dict):
            self.note(path, f"expected an object, got {got(value)}")
            return None
        fields = {field.encode_name: field for field in fields_of(shape)}
        for key in getattr(value, "repeated", ()):
            self.note(child(path, key), "this key is written twice", "keep one of them")
        sound = {}
        for key, member in value.items():
            if key not in fields:
                self.note(child(path, key), "unknown key", _misplaced(key, shape))
                continue
            checked = self.value(fields[key].type, member, child(path, key))
            if checked is not WRONG:
                sound[fields[key].name] = checked
        for key, field in fields.items():
            if field.required and key not in value:
                self.note(child(path, key), "is missing", f"expected {expected(field.type)}")
        return sound

    def value(self, kind: Any, value: object, path: str) -> Any:
        """`value` as `kind`, or `WRONG`."""
        origin = typing.get_origin(kind)
        if origin in {types.UnionType, typing.Union}:
            return self._union(kind, value, path)
        if origin is tuple:
            return self._list(kind, value, path)
        if origin is dict:
            return self._mapping(kind, value, path)
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            return self._object(kind, value, path)
        return self._leaf(kind, value, path)

    def _union(self, kind: Any, value: object, path: str) -> Any:
        parts = [part for part in typing.get_args(kind) if part is not types.NoneType]
        if value is None and len(parts) < len(typing.get_args(kind)):
            return None
        if len(parts) == 1:
            return self.value(parts[0], value, path)
        return self._leaf(kind, value, path)

    def _list(self, kind: Any, value: object, path: str) -> Any:
        if isinstance(value, str):
            hint = f"write it as {as_argv(value)}"
            self.note(path, f"expected a list of texts, got {got(value)}", hint)
            return WRONG
        if not isinstance(value, list):
            self.note(path, f"expected a list, got {got(value)}")
            return WRONG
        item = typing.get_args(kind)[0]
        items = [self.value(item, entry, f"{path}[{at}]") for at, entry in enumerate(value)]
        return WRONG if WRONG in items else tuple(items)

    def _mapping(self, kind: Any, value: object, path: str) -> Any:
        if not isinstance(value, dict):
            self.note(path, f"expected an object, got {got(value)}")
            return WRONG
        item = typing.get_args(kind)[1]
        for key in getattr(value, "repeated", ()):
            self.note(child(path, key), "this key is written twice", "keep one of them")
        for key in value:
            if not _whole(key):
                self.note(path, "a key holds half a character", _HALF)
                return WRONG
        members = {key: self.value(item, entry, child(path, key)) for key, entry in value.items()}
        return WRONG if WRONG in members.values() else members

    def _object(self, kind: type[msgspec.Struct], value: object, path: str) -> Any:
        noted = len(self.problems)
        sound = self.object_fields(kind, value, path)
        return WRONG if sound is None or len(self.problems) > noted else kind(**sound)

    def _leaf(self, kind: Any, value: object, path: str) -> Any:
        if isinstance(value, str) and not _whole(value):
            self.note(path, "the text holds half a character", _HALF)
            return WRONG
        if isinstance(value, float) and not math.isfinite(value):
            self.note(path, "the number is too large")
            return WRONG
        try:
            return msgspec.convert(value, kind)
        except (msgspec.ValidationError, OverflowError):
            self.note(path, f"expected {expected(kind)}, got {got(value)}", _leaf_hint(kind, value))
            return WRONG


@cache
def fields_of(shape: type[msgspec.Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    """Declared fields; working them out takes a millisecond."""
    return msgspec.structs.fields(shape)


def _sendable(text: str) -> str:
    """Half characters, which a quoted key or value may hold, spelled out."""
    return text.encode("utf-8", "backslashreplace").decode()


def _whole(text: str) -> bool:
    """False with half of a surrogate pair in it, which no file and no answer can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _leaf_hint(kind: Any, value: object) -> str:
    if not isinstance(value, str):
        return ""
    if typing.get_origin(kind) is typing.Literal:
        return did_you_mean(value, typing.get_args(kind))
    try:
        msgspec.convert(value, kind, strict=False)
    except (msgspec.ValidationError, OverflowError):
        return ""
    return f"write {value.strip().lower()} without quotes"


def _misplaced(key: str, shape: type[msgspec.Struct]) -> str:
    """A hint for an unknown key: a slip of the pen, or it belongs one level further down."""
    import difflib

    known = [field.encode_name for field in fields_of(shape)]
    if difflib.get_close_matches(key, known, n=1, cutoff=0.9):
        return did_you_mean(key, known)
    for field in fields_of(shape):
        kind = field.type
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            names = {inner.encode_name for inner in fields_of(kind)}
            if key in names:
                return f"write it inside {field.encode_name}"
    return did_you_mean(key, known)
