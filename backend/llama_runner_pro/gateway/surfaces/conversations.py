"""Conversations that clients continue by the id of an answer. In memory, bounded."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from typing import Any

import msgspec

from llama_runner_pro.core.errors import BadRequest
from llama_runner_pro.core.value_object import ValueObject

MOST = 256
MOST_BYTES = 32_000_000
PREFIX = "resp_"


class _Kept(ValueObject, frozen=True):
    turns: tuple[dict[str, Any], ...]
    size_bytes: int


class Conversations:
    """Remembers what was said, the longest unused is forgotten first."""

    def __init__(self, most: int = MOST, most_bytes: int = MOST_BYTES) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._size_bytes = 0

    @staticmethod
    def new_id() -> str:
        """An id for the next answer."""
        return PREFIX + secrets.token_hex(24)

    def turns(self, response_id: str | None) -> tuple[dict[str, Any], ...]:
        """What was said up to that answer. Raises `BadRequest` (404) when it is not known."""
        if not response_id:
            return ()
        kept = self._kept.get(response_id)
        if kept is None:
            raise BadRequest(
                f"the conversation {response_id!r} is not known, or was forgotten since; "
                "start a new one",
                "previous_response_id",
                status=404,
                code="conversation_not_found",
            )
        self._kept.move_to_end(response_id)
        return kept.turns

    def keep(self, response_id: str, turns: tuple[dict[str, Any], ...]) -> None:
        """Remember a conversation; one that is larger than all the room is not kept."""
        size_bytes = len(msgspec.json.encode(turns))
        if size_bytes > self._most_bytes:
            return
        self._kept[response_id] = _Kept(turns, size_bytes)
        self._size_bytes += size_bytes
        while len(self._kept) > self._most or self._size_bytes > self._most_bytes:
            _, oldest = self._kept.popitem(last=False)
            self._size_bytes -= oldest.size_bytes
