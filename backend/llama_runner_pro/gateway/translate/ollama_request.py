"""Requests of Ollama's API as requests of `/v1/*` and of llama.cpp's `/infill`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from llama_runner_pro.core.errors import BadRequest
from llama_runner_pro.gateway.translate.calls import arguments_text
from llama_runner_pro.gateway.translate.ollama_options import (
    response_format,
    sampling,
    thinking,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llama_runner_pro.gateway.translate.ollama_shapes import (
        Asked,
        ChatAsked,
        EmbedAsked,
        GenerateAsked,
        Message,
        ToolCall,
    )

INFILL_KINDS = frozenset({"llamacpp", "embedded"})
"""Fill text in between on a path of their own, with the model's own marks."""
_PICTURES = {
    "/9j/": "jpeg",
    "iVBORw0KGgo": "png",
    "UklGR": "webp",
    "R0lGOD": "gif",
    "Qk": "bmp",
}
_TOO_LONG = re.compile(
    r"too (?:large|long)|exceed|maximum (?:context|sequence)|context (?:size|length)", re.IGNORECASE
)
_COUNT = re.compile(r"\b\d{2,7}\b")
_SPARE = 0.9
"""Tokens are not spread evenly over a text."""
_ROLES = frozenset({"system", "user", "assistant", "tool", "developer"})


def chat_request(asked: ChatAsked, model: str, kind: str) -> dict[str, Any]:
    """`/v1/chat/completions` for a server of `kind` that knows the model as `model`.

    Raises `BadRequest`.
    """
    body = _common(asked, model, kind)
    body["messages"] = chat_messages(asked.messages or ())
    if asked.tools:
        body["tools"] = asked.tools
    return body


def generate_request(asked: GenerateAsked, model: str, kind: str) -> tuple[str, dict[str, Any]]:
    """Path and body: a chat with one turn, a raw completion, or text to fill in between.

    Raises `BadRequest`.
    """
    if asked.template:
        raise BadRequest(
            "a template of one's own is not supported; send the finished prompt with raw: true",
            "template",
        )
    body = _common(asked, model, kind)
    prompt = asked.prompt or ""
    if asked.suffix:
        if kind in INFILL_KINDS:
            return "/infill", _infill(body, prompt, asked.suffix)
        return "/v1/completions", {**_plain(body), "prompt": prompt, "suffix": asked.suffix}
    if asked.raw:
        return "/v1/completions", {**_plain(body), **_form(asked, kind), "prompt": prompt}
    turns: list[dict[str, Any]] = []
    if asked.system:
        turns.append({"role": "system", "content": asked.system})
    turns.append({"role": "user", "content": _content(prompt, asked.images)})
    return "/v1/chat/completions", {**body, "messages": turns}


def embed_request(asked: EmbedAsked, model: str, kind: str) -> dict[str, Any]:
    """`/v1/embeddings`. Vectors are shortened by us, as by Ollama: many servers refuse to."""
    body: dict[str, Any] = {"model": model, "input": asked.input, "encoding_format": "float"}
    if kind == "vllm" and asked.truncate is not False:
        body["truncate_prompt_tokens"] = -1
    return body


def shortened(asked: EmbedAsked, refusal: str) -> EmbedAsked | None:
    """The request with shorter texts, when a server refused it because they are too long.

    Most servers tell how long the text is and how long it may be; else the half is tried. None:
    that was not the reason, or nobody wants shorter ones.
    """
    if asked.truncate is False or not asked.input or not _TOO_LONG.search(refusal):
        return None
    counts = [int(one) for one in _COUNT.findall(refusal)]
    share = min(counts) / max(counts) * _SPARE if len(set(counts)) > 1 else 0.5
    texts = [asked.input] if isinstance(asked.input, str) else asked.input
    longest = int(max(map(len, texts)) * share)
    return replace(asked, input=[text[:longest] for text in texts]) if longest else None


def chat_messages(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """Turns as OpenAI has them: calls get ids, and answers of tools name the call they answer."""
    turns: list[dict[str, Any]] = []
    unanswered: list[tuple[str, str]] = []
    for number, message in enumerate(messages):
        role = message.role.lower()
        if role not in _ROLES:
            raise BadRequest(f'invalid role "{message.role}"', f"messages[{number}].role")
        turn: dict[str, Any] = {
            "role": role,
            "content": _content(message.content or "", message.images),
        }
        if message.tool_calls:
            calls = _calls(message.tool_calls, number)
            turn["tool_calls"] = calls
            unanswered.extend((call["id"], call["function"]["name"]) for call in calls)
        if message.thinking and role == "assistant":
            turn["reasoning_content"] = message.thinking
        if role == "tool":
            turn.update(_answered(message, unanswered))
        turns.append(turn)
    return turns


def _answered(message: Message, unanswered: list[tuple[str, str]]) -> dict[str, Any]:
    """Which call a tool's answer belongs to: by id, else by name, else the oldest."""
    wanted_id, name = message.tool_call_id, message.tool_name
    for at, (call_id, tool) in enumerate(unanswered):
        if call_id == wanted_id or (not wanted_id and name in {None, "", tool}):
            del unanswered[at]
            return {"tool_call_id": call_id, "name": tool}
    found: dict[str, Any] = {"tool_call_id": wanted_id or "call_unknown"}
    return {**found, "name": name} if name else found


def _calls(calls: Sequence[ToolCall], turn: int) -> list[dict[str, Any]]:
    made = []
    for number, call in enumerate(calls):
        told = call.function.arguments
        text = told if isinstance(told, str) else arguments_text(told or {})
        made.append(
            {
                # Ollama's clients send calls back without ids; the place is unique enough.
                "id": call.id or f"call_{turn}_{number}",
                "type": "function",
                "function": {"name": call.function.name, "arguments": text},
            }
        )
    return made


def _content(text: str, images: Sequence[str] | None) -> str | list[dict[str, Any]]:
    if not images:
        return text
    parts: list[dict[str, Any]] = [{"type": "text", "text": text}] if text else []
    parts.extend({"type": "image_url", "image_url": {"url": picture_url(one)}} for one in images)
    return parts


def picture_url(base64_text: str) -> str:
    """A `data:` URL for a picture that comes without its type."""
    if base64_text.startswith("data:"):
        return base64_text
    for start, name in _PICTURES.items():
        if base64_text.startswith(start):
            return f"data:image/{name};base64,{base64_text}"
    return f"data:image/png;base64,{base64_text}"


def _common(asked: Asked, model: str, kind: str) -> dict[str, Any]:
    body: dict[str, Any] = {"model": model, "stream": asked.streams}
    if asked.streams:
        body["stream_options"] = {"include_usage": True}
    body.update(sampling(asked.options, kind))
    body.update(thinking(asked.think, kind))
    form = response_format(asked.format)
    if form is not None:
        body["response_format"] = form
    if asked.logprobs:
        body["logprobs"] = True
        if asked.top_logprobs:
            body["top_logprobs"] = asked.top_logprobs
    return body


def _plain(body: dict[str, Any]) -> dict[str, Any]:
    """Without what plain completions do not know."""
    unknown = {"response_format", "reasoning_effort", "chat_template_kwargs", "top_logprobs"}
    plain = {name: value for name, value in body.items() if name not in unknown}
    if plain.pop("logprobs", None):
        plain["logprobs"] = body.get("top_logprobs", 0)
    return plain


def _form(asked: GenerateAsked, kind: str) -> dict[str, Any]:
    """The schema of an answer, in the words that plain completions have for it."""
    form = response_format(asked.format)
    if form is None:
        return {}
    if kind in INFILL_KINDS:
        schema = {"type": "object"} if asked.format == "json" else asked.format
        return {"json_schema": schema}
    return {"response_format": form}


def _infill(body: dict[str, Any], prompt: str, suffix: str) -> dict[str, Any]:
    plain = _plain(body)
    for name in ("model", "stream_options", "logprobs"):
        plain.pop(name, None)
    limit = plain.pop("max_tokens", None)
    if limit is not None:
        plain["n_predict"] = limit
    return {**plain, "input_prefix": prompt, "input_suffix": suffix, "prompt": ""}


def encoded(body: dict[str, Any]) -> bytes:
    """As it is sent."""
    return msgspec.json.encode(body)
