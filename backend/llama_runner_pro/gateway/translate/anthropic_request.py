"""Requests of Anthropic's Messages API as chats of OpenAI's."""

from __future__ import annotations

from typing import Any

import msgspec

from llama_runner_pro.core.errors import BadRequest
from llama_runner_pro.core.unreadable import UNREADABLE
from llama_runner_pro.gateway.translate.calls import arguments_text
from llama_runner_pro.gateway.translate.ollama_options import (
    response_format,
    sampling,
    thinking,
)

Block = dict[str, Any]
_CHOICES = {"auto": "auto", "any": "required", "none": "none"}


class Turn(msgspec.Struct):
    """One turn of a conversation."""

    role: str
    content: str | list[Block]


class MessagesAsked(msgspec.Struct, kw_only=True):
    """`/v1/messages`, and `/v1/messages/count_tokens`."""

    model: str = ""
    messages: list[Turn]
    system: str | list[Block] | None = None
    max_tokens: int | None = None
    stream: bool = False
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    stop_sequences: list[str] | None = None
    tools: list[Block] | None = None
    tool_choice: Block | None = None
    thinking: Block | None = None
    output_config: Block | None = None
    """Of newer clients: the schema that an answer obeys."""


def parse_messages(body: bytes) -> MessagesAsked:
    """The request in `body`. Raises `BadRequest` in words that name the field."""
    try:
        return msgspec.json.decode(body, type=MessagesAsked)
    except UNREADABLE as error:
        raise BadRequest(str(error), code="invalid_request") from error


def messages_request(asked: MessagesAsked, model: str, kind: str) -> dict[str, Any]:
    """`/v1/chat/completions` for a server of `kind`. Raises `BadRequest`."""
    if asked.max_tokens is not None and asked.max_tokens < 1:
        raise BadRequest("max_tokens: must be greater than or equal to 1", "max_tokens")
    body: dict[str, Any] = {"model": model, "stream": asked.stream}
    if asked.stream:
        body["stream_options"] = {"include_usage": True}
    options = {
        "temperature": asked.temperature,
        "top_p": asked.top_p,
        "top_k": asked.top_k,
        "stop": asked.stop_sequences or None,
        "num_predict": asked.max_tokens,
    }
    body.update(sampling(options, kind))
    if asked.thinking is not None:
        body.update(thinking(asked.thinking.get("type") != "disabled", kind))
    body.update(_form(asked.output_config))
    body["messages"] = openai_turns(asked)
    if asked.tools:
        body["tools"] = [_tool(one) for one in asked.tools]
        body.update(_choice(asked.tool_choice))
    return body


def _form(told: Block | None) -> dict[str, Any]:
    form = (told or {}).get("format")
    if not isinstance(form, dict):
        return {}
    if form.get("type") != "json_schema" or not isinstance(form.get("schema"), dict):
        raise BadRequest("output_config.format: a json_schema is needed", "output_config")
    return {"response_format": response_format(form["schema"])}


def openai_turns(asked: MessagesAsked) -> list[dict[str, Any]]:
    """The conversation with its system prompt. Raises `BadRequest`."""
    turns: list[dict[str, Any]] = []
    if asked.system:
        turns.append({"role": "system", "content": _text(asked.system)})
    for number, turn in enumerate(asked.messages):
        if turn.role not in {"user", "assistant", "system"}:
            raise BadRequest(f"messages.{number}.role: unknown role {turn.role!r}", "messages")
        if isinstance(turn.content, str):
            turns.append({"role": turn.role, "content": turn.content})
        elif turn.role == "assistant":
            turns.append(_assistant(turn.content))
        else:
            turns.extend(_user(turn.role, turn.content, number))
    return turns


def _assistant(blocks: list[Block]) -> dict[str, Any]:
    turn: dict[str, Any] = {"role": "assistant", "content": _text(blocks)}
    thoughts = "".join(str(one.get("thinking") or "") for one in blocks if _is(one, "thinking"))
    if thoughts:
        turn["reasoning_content"] = thoughts
    calls = [
        {
            "id": one.get("id") or f"toolu_{number}",
            "type": "function",
            "function": {
                "name": one.get("name") or "",
                "arguments": arguments_text(one.get("input") or {}),
            },
        }
        for number, one in enumerate(blocks)
        if _is(one, "tool_use")
    ]
    if calls:
        turn["tool_calls"] = calls
    return turn


def _user(role: str, blocks: list[Block], number: int) -> list[dict[str, Any]]:
    """Results of tools are turns of their own, and come before what the user says beside them."""
    turns: list[dict[str, Any]] = []
    parts: list[Block] = []
    for block in blocks:
        kind = block.get("type")
        if kind == "tool_result":
            call_id, content = block.get("tool_use_id"), block.get("content")
            turns.append({"role": "tool", "tool_call_id": call_id, "content": _text(content)})
            # Where tools answer, most servers take text alone.
            parts += [_picture(one, number) for one in _blocks(content) if _is(one, "image")]
        elif kind == "text":
            parts.append({"type": "text", "text": str(block.get("text") or "")})
        elif kind == "image":
            parts.append(_picture(block, number))
        elif kind == "document":
            parts.append({"type": "text", "text": _document(block, number)})
        else:
            raise BadRequest(f"messages.{number}: content of type {kind!r} is not supported")
    if parts:
        only_text = all(part["type"] == "text" for part in parts)
        content = "\n".join(part["text"] for part in parts) if only_text else parts
        turns.append({"role": role, "content": content})
    return turns


def _picture(block: Block, number: int) -> Block:
    source = block.get("source")
    if isinstance(source, dict) and source.get("type") == "base64":
        url = f"data:{source.get('media_type', 'image/png')};base64,{source.get('data', '')}"
    elif isinstance(source, dict) and source.get("type") == "url":
        url = str(source.get("url"))
    else:
        raise BadRequest(f"messages.{number}: this source of a picture is not supported")
    return {"type": "image_url", "image_url": {"url": url}}


def _document(block: Block, number: int) -> str:
    source = block.get("source")
    if isinstance(source, dict) and source.get("type") == "text":
        return str(source.get("data") or "")
    raise BadRequest(f"messages.{number}: documents other than plain text are not supported")


def _text(content: object) -> str:
    """All text in a content, whether it is text or blocks."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return ""
    return "\n".join(str(one.get("text") or "") for one in content if _is(one, "text"))


def _blocks(content: object) -> list[Any]:
    return content if isinstance(content, list) else []


def _is(block: object, kind: str) -> bool:
    return isinstance(block, dict) and block.get("type") == kind


def _tool(told: Block) -> dict[str, Any]:
    name, schema = told.get("name"), told.get("input_schema")
    if not isinstance(name, str) or not isinstance(schema, dict):
        raise BadRequest("tools: each needs a name and an input_schema; server tools are not here")
    function = {"name": name, "parameters": schema}
    if told.get("description"):
        function["description"] = told["description"]
    return {"type": "function", "function": function}


def _choice(told: Block | None) -> dict[str, Any]:
    if told is None:
        return {}
    kind = told.get("type")
    made: dict[str, Any] = {}
    if kind == "tool":
        made["tool_choice"] = {"type": "function", "function": {"name": told.get("name")}}
    elif kind in _CHOICES:
        made["tool_choice"] = _CHOICES[kind]
    else:
        raise BadRequest(f"tool_choice: unknown type {kind!r}", "tool_choice")
    if told.get("disable_parallel_tool_use"):
        made["parallel_tool_calls"] = False
    return made
