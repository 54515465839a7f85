"""Requests of OpenAI's Responses API as chats."""

from __future__ import annotations

from typing import Any

import msgspec

from llama_runner_pro.core.errors import BadRequest
from llama_runner_pro.core.unreadable import UNREADABLE

Item = dict[str, Any]
_ROLES = {"developer": "system"}


class ResponseAsked(msgspec.Struct, kw_only=True):
    """`POST /v1/responses`."""

    model: str = ""
    input: str | list[Item]
    instructions: str | None = None
    stream: bool | None = None
    max_output_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    tools: list[Item] | None = None
    tool_choice: str | Item | None = None
    parallel_tool_calls: bool | None = None
    text: Item | None = None
    reasoning: Item | None = None
    previous_response_id: str | None = None
    metadata: Item | None = None


def parse_response(body: bytes) -> ResponseAsked:
    """The request in `body`. Raises `BadRequest` in words that name the field."""
    try:
        asked = msgspec.json.decode(body, type=ResponseAsked)
    except UNREADABLE as error:
        raise BadRequest(str(error), code="invalid_value") from error
    if asked.previous_response_id:
        raise BadRequest(
            "answers are not stored here; send the whole conversation as input",
            "previous_response_id",
            status=501,
            code="not_implemented",
        )
    return asked


def response_request(asked: ResponseAsked, model: str) -> dict[str, Any]:
    """`/v1/chat/completions`. Raises `BadRequest`."""
    body: dict[str, Any] = {"model": model, "stream": bool(asked.stream)}
    if asked.stream:
        body["stream_options"] = {"include_usage": True}
    settings = {
        "max_tokens": asked.max_output_tokens,
        "temperature": asked.temperature,
        "top_p": asked.top_p,
        "parallel_tool_calls": asked.parallel_tool_calls,
        "reasoning_effort": (asked.reasoning or {}).get("effort"),
        "response_format": _form(asked.text),
    }
    body.update({name: value for name, value in settings.items() if value is not None})
    body["messages"] = chat_turns(asked)
    if asked.tools:
        body["tools"] = [_tool(one) for one in asked.tools]
        if asked.tool_choice is not None:
            body["tool_choice"] = _choice(asked.tool_choice)
    return body


def chat_turns(asked: ResponseAsked) -> list[dict[str, Any]]:
    """The conversation as turns. Raises `BadRequest`."""
    turns: list[dict[str, Any]] = []
    if asked.instructions:
        turns.append({"role": "system", "content": asked.instructions})
    if isinstance(asked.input, str):
        return [*turns, {"role": "user", "content": asked.input}]
    for number, item in enumerate(asked.input):
        kind = item.get("type") or ("message" if "role" in item else None)
        if kind == "message":
            role = str(item.get("role"))
            content = _content(item.get("content"), number)
            turns.append({"role": _ROLES.get(role, role), "content": content})
        elif kind == "function_call":
            _add_call(turns, item)
        elif kind == "function_call_output":
            output = item.get("output")
            text = output if isinstance(output, str) else msgspec.json.encode(output).decode()
            turns.append({"role": "tool", "tool_call_id": item.get("call_id"), "content": text})
        elif kind != "reasoning":
            raise BadRequest(f"input[{number}]: an item of type {kind!r} is not supported", "input")
    return turns


def _add_call(turns: list[dict[str, Any]], item: Item) -> None:
    """Calls that follow each other belong to one turn of the model."""
    function = {"name": item.get("name"), "arguments": item.get("arguments") or "{}"}
    call = {"id": item.get("call_id"), "type": "function", "function": function}
    last = turns[-1] if turns else {}
    if last.get("role") == "assistant":
        last.setdefault("tool_calls", []).append(call)
    else:
        turns.append({"role": "assistant", "content": None, "tool_calls": [call]})


def _content(told: object, number: int) -> str | list[Item]:
    if isinstance(told, str):
        return told
    if not isinstance(told, list):
        raise BadRequest(f"input[{number}].content: neither text nor parts", "input")
    parts: list[Item] = []
    for part in told:
        kind = part.get("type") if isinstance(part, dict) else None
        if kind in {"input_text", "output_text", "text"}:
            parts.append({"type": "text", "text": str(part.get("text") or "")})
        elif kind == "input_image" and part.get("image_url"):
            parts.append({"type": "image_url", "image_url": {"url": part["image_url"]}})
        else:
            raise BadRequest(f"input[{number}]: content of type {kind!r} is not supported", "input")
    if all(part["type"] == "text" for part in parts):
        return "".join(part["text"] for part in parts)
    return parts


def _form(text: Item | None) -> Item | None:
    form = (text or {}).get("format")
    if not isinstance(form, dict) or form.get("type") == "text":
        return None
    if form.get("type") != "json_schema":
        return {"type": form.get("type")}
    fields = {name: form[name] for name in ("name", "schema", "strict") if name in form}
    return {"type": "json_schema", "json_schema": fields}


def _tool(told: Item) -> Item:
    if told.get("type") != "function":
        raise BadRequest(f"tools: {told.get('type')!r} is not available here", "tools")
    known = ("name", "description", "parameters", "strict")
    function = {name: told[name] for name in known if told.get(name) is not None}
    return {"type": "function", "function": function}


def _choice(told: str | Item) -> str | Item:
    if isinstance(told, dict) and told.get("type") == "function":
        return {"type": "function", "function": {"name": told.get("name")}}
    return told
