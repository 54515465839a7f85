"""Answers of `/v1/chat/completions` as Anthropic's message, or as its events."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import msgspec

from llama_runner_pro.core.errors import UpstreamBroken
from llama_runner_pro.gateway.translate.calls import (
    CallNumbers,
    Calls,
    arguments_text,
    new_call_id,
)
from llama_runner_pro.gateway.translate.chunks import DONE, decode_chunk

if TYPE_CHECKING:
    from llama_runner_pro.gateway.translate.chunks import CallPiece, Choice, Delta
    from llama_runner_pro.gateway.translate.meter import Measured, Meter

_encode = msgspec.json.encode
_REASONS = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "content_filter": "refusal",
}
_BLOCKS: dict[str, dict[str, Any]] = {
    "text": {"type": "text", "text": ""},
    "thinking": {"type": "thinking", "thinking": "", "signature": ""},
}
_DELTAS = {
    "text": b'"delta":{"type":"text_delta","text":',
    "thinking": b'"delta":{"type":"thinking_delta","thinking":',
    "tool_use": b'"delta":{"type":"input_json_delta","partial_json":',
}


class MessageEvents:
    """Named events for the chunks of a chat; one block is open at a time."""

    def __init__(self, model: str, meter: Meter) -> None:
        self._model = model
        self._meter = meter
        self._has_begun = False
        self._is_over = False
        self._last: Choice | None = None
        """The one that told how the answer ended."""
        self._open: str | None = None
        self._block = -1
        self._call: int | None = None
        """Number of the newest call."""
        self._numbers = CallNumbers()

    def feed(self, payload: bytes) -> bytes:
        """The events for one chunk. Raises `UpstreamBroken` for what is no answer."""
        if payload == DONE:
            self._is_over = True
            return b""
        chunk = decode_chunk(payload)
        self._meter.told(chunk)
        begun = self._begin(chunk.id)
        if not chunk.choices:
            return begun
        choice = chunk.choices[0]
        if choice.finish_reason:
            self._last = choice
        said = choice.delta or choice.message
        return begun if said is None else begun + self._said(said)

    def end(self) -> bytes:
        """The last events. Raises `UpstreamBroken` when the answer broke off."""
        if self._last is None and not self._is_over:
            raise UpstreamBroken("the model server ended its answer too early")
        usage = _usage(self._meter.measured())
        delta = ending(self._last, calls=self._call is not None)
        return (
            self._begin(None)
            + self._close()
            + event("message_delta", {"delta": delta, "usage": usage})
            + event("message_stop", {})
        )

    def _begin(self, chat_id: str | None) -> bytes:
        if self._has_begun:
            return b""
        self._has_begun = True
        return start_events(self._model, chat_id) + event("ping", {})

    def _said(self, said: Delta) -> bytes:
        made = b""
        if thoughts := said.thinking:
            made += self._text("thinking", thoughts)
        if said.content:
            made += self._text("text", said.content)
        for piece in said.tool_calls or ():
            made += self._called(piece)
        return made

    def _text(self, kind: str, text: str) -> bytes:
        self._meter.token()
        opened = b"" if self._open == kind else self._start(kind, _BLOCKS[kind])
        return opened + self._delta(kind, text)

    def _called(self, piece: CallPiece) -> bytes:
        self._meter.token()
        function = piece.function
        index = self._numbers.of(piece)
        made = b""
        if self._open != "tool_use" or index != self._call:
            if self._call is not None and index < self._call:
                raise UpstreamBroken("the model server mixes pieces of several calls")
            name = function.name if function else None
            block = {
                "type": "tool_use",
                "id": piece.id or new_call_id(),
                "name": name or "",
                "input": {},
            }
            made, self._call = self._start("tool_use", block), index
        told = function.arguments if function else None
        if told:
            text = told if isinstance(told, str) else arguments_text(told)
            made += self._delta("tool_use", text)
        return made

    def _start(self, kind: str, block: dict[str, Any]) -> bytes:
        closed = self._close()
        self._open, self._block = kind, self._block + 1
        told = {"index": self._block, "content_block": block}
        return closed + event("content_block_start", told)

    def _close(self) -> bytes:
        if self._open is None:
            return b""
        self._open = None
        return event("content_block_stop", {"index": self._block})

    def _delta(self, kind: str, text: str) -> bytes:
        return (
            b'event: content_block_delta\ndata: {"type":"content_block_delta","index":%d,'
            % self._block
            + _DELTAS[kind]
            + _encode(text)
            + b"}}\n\n"
        )


def start_events(model: str, chat_id: str | None) -> bytes:
    """The event that every client waits for before all others."""
    return event("message_start", {"message": {**_message(model, chat_id), "content": []}})


def lacks_start(beginning: bytes) -> bool | None:
    """Whether the first event of a stream is another than `message_start`, or an error.

    None: that cannot be told yet. Comments are no events.
    """
    *blocks, _ = beginning.replace(b"\r\n", b"\n").split(b"\n\n")
    for block in blocks:
        if block.startswith(b"event:"):
            name = block.split(b"\n", 1)[0].removeprefix(b"event:").strip()
            return name not in {b"message_start", b"error"}
        if block and not block.startswith(b":"):
            return False
    return None


def whole_message(payload: bytes, model: str, meter: Meter) -> bytes:
    """The message for a whole answer. Raises `UpstreamBroken`."""
    chunk = decode_chunk(payload)
    meter.told(chunk)
    choice = chunk.choices[0] if chunk.choices else None
    said = None if choice is None else choice.message
    if said is None:
        raise UpstreamBroken("the model server's answer holds nothing")
    blocks: list[dict[str, Any]] = []
    if said.thinking:
        blocks.append({**_BLOCKS["thinking"], "thinking": said.thinking})
    if said.content:
        blocks.append({"type": "text", "text": said.content})
    calls = Calls()
    calls.add(said.tool_calls or ())
    blocks += [
        {"type": "tool_use", "id": call.id, "name": call.name, "input": call.arguments_object}
        for call in calls.joined()
    ]
    return _encode(
        {
            **_message(model, chunk.id),
            "content": blocks,
            **ending(choice, calls=bool(calls)),
            "usage": _usage(meter.measured()),
        }
    )


def event(name: str, told: dict[str, Any]) -> bytes:
    """A named event that repeats its name as its type."""
    return b"event: %s\ndata: %s\n\n" % (name.encode(), _encode({"type": name, **told}))


def ending(last: Choice | None, *, calls: bool) -> dict[str, str | None]:
    """How the answer ended. Servers differ in what they call an end with calls of tools; which
    text ended it, vLLM alone tells.
    """
    reason = stop_reason(None if last is None else last.finish_reason)
    told = None if last is None else last.stop_reason
    if reason == "end_turn" and calls:
        return {"stop_reason": "tool_use", "stop_sequence": None}
    if reason == "end_turn" and isinstance(told, str):
        return {"stop_reason": "stop_sequence", "stop_sequence": told}
    return {"stop_reason": reason, "stop_sequence": None}


def stop_reason(finish_reason: str | None) -> str:
    """Anthropic's word for the end of an answer."""
    return _REASONS.get(finish_reason or "stop", "end_turn")


def _message(model: str, chat_id: str | None) -> dict[str, Any]:
    return {
        "id": "msg_" + (chat_id or secrets.token_hex(12)).removeprefix("chatcmpl-"),
        "type": "message",
        "role": "assistant",
        "model": model,
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 0, "output_tokens": 0},
    }


def _usage(measured: Measured) -> dict[str, int]:
    prompt, cached = measured.prompt_tokens or 0, measured.cached_tokens
    told = {"input_tokens": prompt, "output_tokens": measured.generated_tokens or 0}
    if cached:
        # Anthropic counts what came from the cache apart.
        told |= {"input_tokens": max(0, prompt - cached), "cache_read_input_tokens": cached}
    return told
