"""Answers of `/v1/chat/completions` as Anthropic's message, or as its events."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import msgspec

from llama_runner_pro.core.errors import UpstreamBroken
from llama_runner_pro.gateway.translate.calls import Calls, arguments_text, new_call_id
from llama_runner_pro.gateway.translate.chunks import DONE, decode_chunk

if TYPE_CHECKING:
    from llama_runner_pro.gateway.translate.chunks import CallPiece, Chunk, Delta
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
        self._reason: str | None = None
        self._open: str | None = None
        self._block = -1
        self._call: int | None = None
        """Index of the call whose block is open."""

    def feed(self, payload: bytes) -> bytes:
        """The events for one chunk. Raises `UpstreamBroken` for what is no answer."""
        if payload == DONE:
            self._is_over = True
            return b""
        chunk = decode_chunk(payload)
        self._meter.told(chunk)
        begun = b"" if self._has_begun else self._begin(chunk)
        if not chunk.choices:
            return begun
        choice = chunk.choices[0]
        if choice.finish_reason:
            self._reason = choice.finish_reason
        said = choice.delta or choice.message
        return begun if said is None else begun + self._said(said)

    def end(self) -> bytes:
        """The last events. Raises `UpstreamBroken` when the answer broke off."""
        if self._reason is None and not self._is_over:
            raise UpstreamBroken("the model server ended its answer too early")
        delta = {"stop_reason": stop_reason(self._reason), "stop_sequence": None}
        usage = _usage(self._meter.measured())
        return (
            self._close()
            + event("message_delta", {"delta": delta, "usage": usage})
            + event("message_stop", {})
        )

    def _begin(self, chunk: Chunk) -> bytes:
        self._has_begun = True
        message = {**_message(self._model, chunk.id), "content": []}
        return event("message_start", {"message": message}) + event("ping", {})

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
        index = piece.index if piece.index is not None else (self._call or 0)
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


def whole_message(payload: bytes, model: str, meter: Meter) -> bytes:
    """The message for a whole answer. Raises `UpstreamBroken`."""
    chunk = decode_chunk(payload)
    meter.told(chunk)
    said = chunk.choices[0].message if chunk.choices else None
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
            "stop_reason": stop_reason(chunk.choices[0].finish_reason),
            "usage": _usage(meter.measured()),
        }
    )


def event(name: str, told: dict[str, Any]) -> bytes:
    """A named event that repeats its name as its type."""
    return b"event: %s\ndata: %s\n\n" % (name.encode(), _encode({"type": name, **told}))


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
    return {
        "input_tokens": measured.prompt_tokens or 0,
        "output_tokens": measured.generated_tokens or 0,
    }
