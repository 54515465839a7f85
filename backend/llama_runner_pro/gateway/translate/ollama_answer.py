"""Answers of `/v1/*` as Ollama's lines: a stream piece by piece, or a whole answer.

Real time counts here: a piece of text becomes a line with one decode and two joins of bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from llama_runner_pro.core.errors import UpstreamBroken
from llama_runner_pro.gateway.translate.calls import Calls
from llama_runner_pro.gateway.translate.chunks import DONE, decode_chunk
from llama_runner_pro.gateway.translate.instants import Instants

if TYPE_CHECKING:
    from collections.abc import Callable

    from llama_runner_pro.gateway.translate.calls import Call
    from llama_runner_pro.gateway.translate.chunks import Chunk, Delta
    from llama_runner_pro.gateway.translate.meter import Measured, Meter

_encode = msgspec.json.encode
_EMPTY_END = b',"done":false}\n'


class Lines:
    """Base of both answers; makes lines of what `feed` is given, and the last one in `end`."""

    def __init__(self, model: str, meter: Meter, wall_ms: Callable[[], int]) -> None:
        self._head = b'{"model":' + _encode(model) + b',"created_at":"'
        self._meter = meter
        self._wall_ms = wall_ms
        self._instants = Instants()
        self._calls = Calls()
        self._reason: str | None = None
        self._is_over = False

    def feed(self, payload: bytes) -> bytes:
        """The lines for one event. Raises `UpstreamBroken` for what is no answer."""
        if payload == DONE:
            self._is_over = True
            return b""
        chunk = decode_chunk(payload)
        self._meter.told(chunk)
        if not chunk.choices:
            return self._infilled(chunk)
        choice = chunk.choices[0]
        if choice.finish_reason:
            self._reason = choice.finish_reason
        said = choice.delta or choice.message
        if said is None:
            return self._line(choice.text or "", None, None) if choice.text else b""
        return self._said(said, choice.logprobs)

    def waiting(self, text: str) -> bytes:
        """A line that tells what the answer waits for, as thinking."""
        return self._begin() + self._content("", f"{text}\n", []) + _EMPTY_END

    def end(self) -> bytes:
        """The last lines. Raises `UpstreamBroken` when the answer broke off."""
        if self._reason is None and not self._is_over:
            raise UpstreamBroken("the model server ended its answer too early")
        calls = self._call_lines()
        return calls + self._begin() + self._nothing() + b"," + self._last() + b"\n"

    def whole(self, payload: bytes) -> bytes:
        """One object for a whole answer. Raises `UpstreamBroken`."""
        chunk = decode_chunk(payload)
        self._meter.token()
        self._meter.told(chunk)
        if chunk.choices:
            choice = chunk.choices[0]
            said, text, self._reason = choice.message, choice.text, choice.finish_reason
            logprobs = choice.logprobs
        elif chunk.content is not None:
            said, text, self._reason = None, chunk.content, _stop_reason(chunk)
            logprobs = None
        else:
            raise UpstreamBroken("the model server's answer holds nothing")
        if said is not None and said.tool_calls:
            self._calls.add(said.tool_calls)
        content = text if said is None else said.content
        thinking = None if said is None else said.thinking
        middle = self._content(content or "", thinking, self._calls.joined())
        return self._begin() + middle + _logprobs(logprobs) + b"," + self._last()

    def _said(self, said: Delta, logprobs: Any) -> bytes:
        if said.tool_calls:
            self._meter.token()
            self._calls.add(said.tool_calls)
        thinking = said.thinking
        if said.content or thinking:
            return self._line(said.content or "", thinking, logprobs)
        return b""

    def _infilled(self, chunk: Chunk) -> bytes:
        if chunk.content is None:
            return b""
        if chunk.stop:
            self._reason = _stop_reason(chunk)
        return self._line(chunk.content, None, None) if chunk.content else b""

    def _line(self, content: str, thinking: str | None, logprobs: Any) -> bytes:
        self._meter.token()
        middle = self._content(content, thinking, [])
        extra = _logprobs(logprobs) if logprobs else b""
        return self._begin() + middle + extra + _EMPTY_END

    def _begin(self) -> bytes:
        return self._head + self._instants.at(self._wall_ms()) + b'",'

    def _last(self) -> bytes:
        reason = b'"length"' if self._reason == "length" else b'"stop"'
        return b'"done":true,"done_reason":' + reason + durations(self._meter.measured()) + b"}"

    def _call_lines(self) -> bytes:
        if not self._calls:
            return b""
        return self._begin() + self._content("", None, self._calls.joined()) + _EMPTY_END

    def _nothing(self) -> bytes:
        return self._content("", None, [])

    def _content(self, content: str, thinking: str | None, calls: list[Call]) -> bytes:
        raise NotImplementedError


class ChatLines(Lines):
    """`/api/chat`: text stands in a message."""

    def _content(self, content: str, thinking: str | None, calls: list[Call]) -> bytes:
        text = b'"message":{"role":"assistant","content":' + _encode(content)
        if thinking:
            text += b',"thinking":' + _encode(thinking)
        if calls:
            text += b',"tool_calls":' + _encode(call_objects(calls))
        return text + b"}"


class GenerateLines(Lines):
    """`/api/generate`: text stands alone."""

    def _content(self, content: str, thinking: str | None, calls: list[Call]) -> bytes:
        text = b'"response":' + _encode(content)
        if thinking:
            text += b',"thinking":' + _encode(thinking)
        return text


def call_objects(calls: list[Call]) -> list[dict[str, Any]]:
    """Calls as Ollama has them: arguments are an object."""
    return [
        {
            "id": call.id,
            "function": {
                "index": number,
                "name": call.name,
                "arguments": call.arguments_object,
            },
        }
        for number, call in enumerate(calls)
    ]


def durations(measured: Measured) -> bytes:
    """Counters of the last line, in nanoseconds; what is unknown or zero is left out."""
    return b"".join(
        (
            _told(b"total_duration", measured.total_ms, 1e6),
            _told(b"load_duration", measured.load_ms, 1e6),
            _told(b"prompt_eval_count", measured.prompt_tokens, 1),
            _told(b"prompt_eval_duration", measured.prompt_ms, 1e6),
            _told(b"eval_count", measured.generated_tokens, 1),
            _told(b"eval_duration", measured.generation_ms, 1e6),
        )
    )


def _told(name: bytes, value: float | None, times: float) -> bytes:
    counted = value * times if value else 0
    return b',"%b":%d' % (name, counted) if counted >= 1 else b""


def _stop_reason(chunk: Chunk) -> str:
    return "length" if chunk.stop_type == "limit" else "stop"


def _logprobs(logprobs: Any) -> bytes:
    if not isinstance(logprobs, dict) or not logprobs.get("content"):
        return b""
    kept = ("token", "logprob", "bytes", "top_logprobs")
    told = logprobs["content"] if isinstance(logprobs["content"], list) else []
    tokens = [
        {name: one[name] for name in kept if name in one} for one in told if isinstance(one, dict)
    ]
    return b',"logprobs":' + _encode(tokens)
