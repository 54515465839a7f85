"""Answers of `/v1/chat/completions` as OpenAI's Responses: one object, or numbered events."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from llama_runner_pro.core.errors import UpstreamBroken
from llama_runner_pro.gateway.translate.calls import Calls
from llama_runner_pro.gateway.translate.chunks import DONE, decode_chunk

if TYPE_CHECKING:
    from llama_runner_pro.gateway.translate.calls import Call
    from llama_runner_pro.gateway.translate.chunks import Choice
    from llama_runner_pro.gateway.translate.meter import Meter
    from llama_runner_pro.gateway.translate.responses_request import ResponseAsked

Item = dict[str, Any]
_encode = msgspec.json.encode


@dataclass(slots=True)
class _Text:
    """A message or thoughts, as they grow."""

    id: str
    kind: str
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.pieces)


class ResponseEvents:
    """Collects one answer, and tells it in events that are numbered."""

    def __init__(self, asked: ResponseAsked, meter: Meter, created_s: int) -> None:
        self._asked = asked
        self._meter = meter
        self._created_s = created_s
        self._id = "resp_" + secrets.token_hex(16)
        self._number = 0
        self._done: list[Item] = []
        self._open: _Text | None = None
        self._calls = Calls()
        self._reason: str | None = None
        self._is_over = False
        self._has_begun = False

    def feed(self, payload: bytes) -> bytes:
        """The events for one chunk. Raises `UpstreamBroken` for what is no answer."""
        if payload == DONE:
            self._is_over = True
            return b""
        chunk = decode_chunk(payload)
        self._meter.told(chunk)
        made = b"" if self._has_begun else self._begin()
        return made + self._said(chunk.choices[0]) if chunk.choices else made

    def end(self) -> bytes:
        """The last events. Raises `UpstreamBroken` when the answer broke off."""
        if self._reason is None and not self._is_over:
            raise UpstreamBroken("the model server ended its answer too early")
        made = self._close()
        for call in self._calls.joined():
            made += self._call(call)
        name = "response.incomplete" if self._reason == "length" else "response.completed"
        return made + self._event(name, {"response": self._response(finished=True)})

    def whole(self, payload: bytes) -> bytes:
        """The object for a whole answer. Raises `UpstreamBroken`."""
        self.feed(payload)
        self._is_over = True
        self.end()
        return _encode(self._response(finished=True))

    def failed(self, told: Item) -> bytes:
        """The event for an error in OpenAI's words, after which nothing comes.

        It has OpenAI's own shape, and `error` as well, which the official clients raise.
        """
        shown = {name: told[name] for name in ("code", "message", "param")}
        return self._event("error", {**shown, "error": told})

    def _begin(self) -> bytes:
        self._has_begun = True
        told = {"response": self._response(finished=False)}
        return self._event("response.created", told) + self._event("response.in_progress", told)

    def _said(self, choice: Choice) -> bytes:
        if choice.finish_reason:
            self._reason = choice.finish_reason
        said = choice.delta or choice.message
        if said is None:
            return b""
        made = b""
        if thoughts := said.thinking:
            made += self._text("reasoning", thoughts)
        if said.content:
            made += self._text("message", said.content)
        if said.tool_calls:
            self._meter.token()
            self._calls.add(said.tool_calls)
        return made

    def _text(self, kind: str, text: str) -> bytes:
        self._meter.token()
        made = b""
        if self._open is None or self._open.kind != kind:
            made = self._close() + self._start(kind)
        assert self._open is not None
        self._open.pieces.append(text)
        name = "output_text" if kind == "message" else "reasoning_text"
        return made + self._event(f"response.{name}.delta", {**self._place(), "delta": text})

    def _start(self, kind: str) -> bytes:
        prefix = "msg_" if kind == "message" else "rs_"
        self._open = _Text(prefix + secrets.token_hex(12), kind)
        item = _item(self._open, "in_progress", "")
        added = {"output_index": len(self._done), "item": {**item, "content": []}}
        part = {**self._place(), "part": item["content"][0]}
        return self._event("response.output_item.added", added) + self._event(
            "response.content_part.added", part
        )

    def _close(self) -> bytes:
        one = self._open
        if one is None:
            return b""
        item, place = _item(one, "completed", one.text), self._place()
        name = "output_text" if one.kind == "message" else "reasoning_text"
        made = self._event(f"response.{name}.done", {**place, "text": one.text})
        made += self._event("response.content_part.done", {**place, "part": item["content"][0]})
        self._open = None
        return made + self._finish(item)

    def _call(self, call: Call) -> bytes:
        item: Item = {
            "type": "function_call",
            "id": "fc_" + secrets.token_hex(12),
            "call_id": call.id,
            "name": call.name,
            "arguments": "",
            "status": "in_progress",
        }
        index = len(self._done)
        place = {"item_id": item["id"], "output_index": index}
        name = "response.function_call_arguments"
        made = self._event("response.output_item.added", {"output_index": index, "item": item})
        made += self._event(f"{name}.delta", {**place, "delta": call.arguments})
        done = {**place, "name": call.name, "arguments": call.arguments}
        made += self._event(f"{name}.done", done)
        return made + self._finish({**item, "arguments": call.arguments, "status": "completed"})

    def _finish(self, item: Item) -> bytes:
        told = {"output_index": len(self._done), "item": item}
        self._done.append(item)
        return self._event("response.output_item.done", told)

    def _place(self) -> Item:
        assert self._open is not None
        place = {"item_id": self._open.id, "output_index": len(self._done), "content_index": 0}
        return {**place, "logprobs": []} if self._open.kind == "message" else place

    def _event(self, name: str, told: Item) -> bytes:
        body = _encode({"type": name, "sequence_number": self._number, **told})
        self._number += 1
        return b"event: " + name.encode() + b"\ndata: " + body + b"\n\n"

    def _response(self, *, finished: bool) -> Item:
        asked = self._asked
        is_cut = finished and self._reason == "length"
        status = "in_progress" if not finished else "incomplete" if is_cut else "completed"
        return {
            "id": self._id,
            "object": "response",
            "created_at": self._created_s,
            "status": status,
            "error": None,
            "incomplete_details": {"reason": "max_output_tokens"} if is_cut else None,
            "instructions": asked.instructions,
            "max_output_tokens": asked.max_output_tokens,
            "model": asked.model,
            "output": list(self._done),
            "parallel_tool_calls": asked.parallel_tool_calls is not False,
            "temperature": asked.temperature,
            "top_p": asked.top_p,
            "tool_choice": asked.tool_choice or "auto",
            "tools": asked.tools or [],
            "metadata": asked.metadata or {},
            "usage": self._usage() if finished else None,
        }

    def _usage(self) -> Item | None:
        """None when nobody told."""
        measured = self._meter.measured()
        if measured.prompt_tokens is None and measured.generated_tokens is None:
            return None
        prompt, generated = measured.prompt_tokens or 0, measured.generated_tokens or 0
        return {
            "input_tokens": prompt,
            "input_tokens_details": {"cached_tokens": measured.cached_tokens or 0},
            "output_tokens": generated,
            "output_tokens_details": {"reasoning_tokens": measured.reasoning_tokens or 0},
            "total_tokens": prompt + generated,
        }


def _item(one: _Text, status: str, text: str) -> Item:
    if one.kind == "reasoning":
        part: Item = {"type": "reasoning_text", "text": text}
        return {"type": "reasoning", "id": one.id, "summary": [], "content": [part]}
    part = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
    return {
        "type": "message",
        "id": one.id,
        "role": "assistant",
        "status": status,
        "content": [part],
    }
