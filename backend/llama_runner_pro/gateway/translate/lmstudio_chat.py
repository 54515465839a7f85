"""LM Studio's own chat (version 1 of its API): what is asked, its events, its result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from llama_runner_pro.core.errors import BadRequest, UpstreamBroken
from llama_runner_pro.core.unreadable import UNREADABLE
from llama_runner_pro.gateway.translate.anthropic_answer import event
from llama_runner_pro.gateway.translate.chunks import DONE, decode_chunk
from llama_runner_pro.gateway.translate.ollama_options import sampling, thinking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llama_runner_pro.gateway.translate.chunks import Chunk
    from llama_runner_pro.gateway.translate.meter import Meter

_encode = msgspec.json.encode
_PROGRESS_KINDS = frozenset({"llamacpp", "embedded"})
"""Tell how far they have read the prompt."""
_REASONING: dict[str, bool | str] = {"off": False, "on": True}
_EFFORTS = frozenset({"low", "medium", "high"})


class ChatAsked(msgspec.Struct, kw_only=True):
    """`POST /api/v1/chat`."""

    model: str = ""
    input: str | list[dict[str, Any]]
    system_prompt: str | None = None
    integrations: list[Any] | None = None
    stream: bool = False
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    repeat_penalty: float | None = None
    max_output_tokens: int | None = None
    reasoning: str | None = None
    context_length: int | None = None
    store: bool = True
    previous_response_id: str | None = None


def parse_chat(body: bytes) -> ChatAsked:
    """The request in `body`. Raises `BadRequest` in words that name the field."""
    try:
        asked = msgspec.json.decode(body, type=ChatAsked)
    except UNREADABLE as error:
        raise BadRequest(str(error), code="invalid_value") from error
    if asked.integrations:
        raise BadRequest(
            "plugins and MCP servers are not available here",
            "integrations",
            status=501,
            code="not_implemented",
        )
    if asked.reasoning not in {None, *_REASONING, *_EFFORTS}:
        raise BadRequest("reasoning must be off, low, medium, high or on", "reasoning")
    return asked


def user_turn(asked: ChatAsked) -> dict[str, Any]:
    """What the user says now. Raises `BadRequest`."""
    if isinstance(asked.input, str):
        return {"role": "user", "content": asked.input}
    parts: list[dict[str, Any]] = []
    for item in asked.input:
        kind = item.get("type")
        if kind in {"text", "message"} and isinstance(item.get("content"), str):
            parts.append({"type": "text", "text": item["content"]})
        elif kind == "image" and isinstance(item.get("data_url"), str):
            parts.append({"type": "image_url", "image_url": {"url": item["data_url"]}})
        else:
            raise BadRequest(f"input: an item of type {kind!r} cannot be understood", "input")
    return {"role": "user", "content": parts}


def chat_request(
    asked: ChatAsked, earlier: Sequence[dict[str, Any]], model: str, kind: str
) -> dict[str, Any]:
    """`/v1/chat/completions` for a server of `kind`; `earlier` turns come first."""
    body: dict[str, Any] = {"model": model, "stream": asked.stream}
    if asked.stream:
        body["stream_options"] = {"include_usage": True}
        if kind in _PROGRESS_KINDS:
            body["return_progress"] = True
    options = {
        "temperature": asked.temperature,
        "top_p": asked.top_p,
        "top_k": asked.top_k,
        "min_p": asked.min_p,
        "repeat_penalty": asked.repeat_penalty,
        "num_predict": asked.max_output_tokens,
    }
    body.update(sampling(options, kind))
    if asked.reasoning is not None:
        body.update(thinking(_REASONING.get(asked.reasoning, asked.reasoning), kind))
    system = [{"role": "system", "content": asked.system_prompt}] if asked.system_prompt else []
    body["messages"] = [*system, *earlier, user_turn(asked)]
    return body


class Conversation:
    """Collects one answer, and tells it in LM Studio's events."""

    def __init__(self, instance: str, meter: Meter, response_id: str | None) -> None:
        self._instance = instance
        self._meter = meter
        self._response_id = response_id
        self._output: list[tuple[str, list[str]]] = []
        self._open: str | None = None
        self._is_reading = False
        self._has_ended = False
        self.load_s: float | None = None
        """Set when the model had to be loaded for this answer."""

    @property
    def text(self) -> str:
        """Everything the model said, without its thoughts."""
        return "".join("".join(parts) for kind, parts in self._output if kind == "message")

    def start(self) -> bytes:
        """The first event."""
        return event("chat.start", {"model_instance_id": self._instance})

    def loading(self, ratio: float | None = None) -> bytes:
        """The model is being loaded; without `ratio`: that begins now."""
        told: dict[str, Any] = {"model_instance_id": self._instance}
        if ratio is None:
            return event("model_load.start", told)
        return event("model_load.progress", {**told, "progress": min(1.0, max(0.0, ratio))})

    def loaded(self, load_s: float) -> bytes:
        """The model is there."""
        self.load_s = load_s
        told = {"model_instance_id": self._instance, "load_time_seconds": load_s}
        return event("model_load.end", told)

    def reading(self) -> bytes:
        """The model reads the prompt."""
        self._is_reading = True
        return event("prompt_processing.start", {})

    def feed(self, payload: bytes) -> bytes:
        """The events for one chunk. Raises `UpstreamBroken` for what is no answer."""
        if payload == DONE:
            self._has_ended = True
            return b""
        chunk = decode_chunk(payload)
        self._meter.told(chunk)
        made = self._progress(chunk)
        if not chunk.choices:
            return made
        choice = chunk.choices[0]
        self._has_ended = self._has_ended or bool(choice.finish_reason)
        said = choice.delta or choice.message
        if said is None:
            return made
        if thoughts := said.thinking:
            made += self._said("reasoning", thoughts)
        if said.content:
            made += self._said("message", said.content)
        return made

    def end(self) -> bytes:
        """The last events. Raises `UpstreamBroken` when the answer broke off."""
        if not self._has_ended:
            raise UpstreamBroken("the model server ended its answer too early")
        return self.finish()

    def finish(self) -> bytes:
        """Close what is open and tell the result, whole or not."""
        return self._read() + self._close() + event("chat.end", {"result": self.result()})

    def result(self) -> dict[str, Any]:
        """The whole answer."""
        measured = self._meter.measured()
        first_ms = measured.first_token_ms
        first_ms = measured.prompt_ms if first_ms is None else first_ms
        reasoning = measured.reasoning_tokens
        if reasoning is None and all(kind != "reasoning" for kind, _ in self._output):
            reasoning = 0
        stats: dict[str, Any] = {
            "input_tokens": measured.prompt_tokens,
            "total_output_tokens": measured.generated_tokens,
            "reasoning_output_tokens": reasoning,
            "tokens_per_second": measured.tokens_per_s,
            "time_to_first_token_seconds": None if first_ms is None else first_ms / 1000,
        }
        if self.load_s is not None:
            stats["model_load_time_seconds"] = self.load_s
        output = [{"type": kind, "content": "".join(parts)} for kind, parts in self._output]
        told: dict[str, Any] = {
            "model_instance_id": self._instance,
            "output": output,
            "stats": stats,
        }
        return {**told, "response_id": self._response_id} if self._response_id else told

    def _progress(self, chunk: Chunk) -> bytes:
        progress = chunk.prompt_progress
        if progress is None or not self._is_reading or progress.total <= 0:
            return b""
        ratio = min(1.0, progress.processed / progress.total)
        return event("prompt_processing.progress", {"progress": ratio})

    def _said(self, kind: str, text: str) -> bytes:
        self._meter.token()
        made = self._read()
        if self._open != kind:
            made += self._close() + event(f"{kind}.start", {})
            self._open = kind
            self._output.append((kind, []))
        self._output[-1][1].append(text)
        name = kind.encode()
        return made + b'event: %s.delta\ndata: {"type":"%s.delta","content":%s}\n\n' % (
            name,
            name,
            _encode(text),
        )

    def _read(self) -> bytes:
        if not self._is_reading:
            return b""
        self._is_reading = False
        return event("prompt_processing.end", {})

    def _close(self) -> bytes:
        kind, self._open = self._open, None
        return event(f"{kind}.end", {}) if kind else b""
