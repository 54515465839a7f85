"""Calls of tools: joining their pieces, and arguments as text or as an object."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from llama_runner_pro.core.unreadable import UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llama_runner_pro.gateway.translate.chunks import CallPiece


@dataclass(slots=True)
class Call:
    """One call of a tool."""

    id: str
    name: str = ""
    arguments: str = ""
    """JSON text, as OpenAI has it."""

    @property
    def arguments_object(self) -> dict[str, Any]:
        """The arguments as an object, as Ollama and Anthropic have them."""
        return arguments_object(self.arguments)


class CallNumbers:
    """Tells which call a piece belongs to."""

    def __init__(self) -> None:
        self._newest = -1

    def of(self, piece: CallPiece) -> int:
        """The number of its call."""
        index = piece.index
        if index is None:
            # Whole answers and some servers leave it out: an id begins a new call, and so does
            # a name where there is no id.
            named = piece.id or (piece.function is not None and piece.function.name)
            index = self._newest + 1 if named or self._newest < 0 else self._newest
        self._newest = index
        return index


class Calls:
    """Joins pieces of calls by their index."""

    def __init__(self) -> None:
        self._by_index: dict[int, Call] = {}
        self._numbers = CallNumbers()

    def add(self, pieces: Iterable[CallPiece]) -> None:
        """Take pieces as they come; the first of a call brings id and name."""
        for piece in pieces:
            call = self._call_of(piece)
            if piece.function is None:
                continue
            call.name = call.name or piece.function.name or ""
            told = piece.function.arguments
            call.arguments += arguments_text(told) if isinstance(told, dict) else told or ""

    def _call_of(self, piece: CallPiece) -> Call:
        index = self._numbers.of(piece)
        call = self._by_index.get(index)
        if call is None:
            call = self._by_index[index] = Call(piece.id or new_call_id())
        return call

    def __bool__(self) -> bool:
        """There are calls."""
        return bool(self._by_index)

    def joined(self) -> list[Call]:
        """All calls, in the order of their index."""
        return [self._by_index[index] for index in sorted(self._by_index)]


def new_call_id() -> str:
    """An id for a call whose server gave none, in the form that clients expect."""
    return "call_" + secrets.token_hex(4)


def arguments_object(text: str) -> dict[str, Any]:
    """The object in `text`. What is no object stays readable under the name `raw`."""
    if not text.strip():
        return {}
    try:
        found = msgspec.json.decode(text)
    except UNREADABLE:
        return {"raw": text}
    return found if isinstance(found, dict) else {"raw": text}


def arguments_text(arguments: object) -> str:
    """The JSON text of arguments that came as an object."""
    return msgspec.json.encode(arguments).decode()
