"""Ollama's `options`, `format`, `think` and `keep_alive` in the words of `/v1/*`."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

from llama_runner_pro.core.errors import BadRequest

# Same name and meaning everywhere.
_STANDARD: dict[str, type] = {
    "temperature": float,
    "top_p": float,
    "seed": int,
    "presence_penalty": float,
    "frequency_penalty": float,
}
# llama.cpp's, and of most servers that are built on it.
_EXTENDED: dict[str, type] = {
    "top_k": int,
    "min_p": float,
    "typical_p": float,
    "repeat_penalty": float,
    "repeat_last_n": int,
}
# Known, but settled when the model is loaded; a request cannot change them here.
_AT_LOAD: dict[str, type] = {
    "num_ctx": int,
    "num_batch": int,
    "num_gpu": int,
    "main_gpu": int,
    "use_mmap": bool,
    "num_thread": int,
    "num_keep": int,
    "draft_num_predict": int,
}
_TYPES = {**_STANDARD, **_EXTENDED, **_AT_LOAD, "num_predict": int}
OPTION_NAMES = frozenset(_TYPES) | {"stop"}
"""Known ones; all others are ignored in requests."""
_STRICT_KINDS = frozenset({"openai"})
"""Refuse requests with fields that they do not know."""
_VLLM_NAMES = {"repeat_penalty": "repetition_penalty"}
_UNKNOWN_TO_VLLM = frozenset({"typical_p", "repeat_last_n"})
_UNIT_S = {
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
    "": 1.0,
}
_DURATION = re.compile(r"([0-9]*\.?[0-9]+)(ns|us|µs|ms|s|m|h|)")
_WHOLE_DURATION = re.compile(rf"(?:{_DURATION.pattern})+")
_NAMES = {float: "float32", int: "int", bool: "bool"}
_FOR_EVER_S = 100 * 365 * 86_400.0
"""Longer than that is for ever; dates end in the year 9999."""


def sampling(options: dict[str, Any] | None, kind: str) -> dict[str, Any]:
    """Fields of an OpenAI request for a server of `kind`. Unknown options are ignored.

    Raises `BadRequest` for a known option of the wrong type.
    """
    fields: dict[str, Any] = {}
    for name, value in (options or {}).items():
        if value is None:
            continue
        if name == "stop":
            if stop := _stop(value):
                fields["stop"] = stop
        elif name in _TYPES:
            checked = _checked(name, value, _TYPES[name])
            if name == "num_predict":
                if checked > 0:
                    fields["max_tokens"] = checked
            elif name in _STANDARD:
                fields[name] = checked
            elif name in _EXTENDED:
                fields.update(_extended(name, checked, kind))
    return fields


def _extended(name: str, value: object, kind: str) -> dict[str, Any]:
    if kind in _STRICT_KINDS or (kind == "vllm" and name in _UNKNOWN_TO_VLLM):
        return {}
    return {(_VLLM_NAMES.get(name, name) if kind == "vllm" else name): value}


def _checked(name: str, value: object, wanted: type) -> Any:
    if wanted is bool and isinstance(value, bool):
        return value
    if wanted is not bool and isinstance(value, int | float) and not isinstance(value, bool):
        with suppress(OverflowError):  # whole numbers have no end, floating ones do
            number = float(value)
            if wanted is float:
                return number
            if number.is_integer():
                return int(value)
    raise BadRequest(f'option "{name}" must be of type {_NAMES[wanted]}', f"options.{name}")


def _stop(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return value
    raise BadRequest('option "stop" must be of type array', "options.stop")


def response_format(wanted: object) -> dict[str, Any] | None:
    """`format` as OpenAI's `response_format`; None when any text will do."""
    if wanted is None or wanted == "":
        return None
    if wanted == "json":
        return {"type": "json_object"}
    if isinstance(wanted, dict):
        schema = {"name": "answer", "strict": True, "schema": wanted}
        return {"type": "json_schema", "json_schema": schema}
    raise BadRequest('invalid format: expected "json" or a JSON schema object', "format")


def thinking(wanted: bool | str | None, kind: str) -> dict[str, Any]:
    """`think` for a server of `kind`: the effort, and the switch that chat templates know."""
    if wanted is None:
        return {}
    if isinstance(wanted, str) and wanted not in {"low", "medium", "high", "max"}:
        raise BadRequest(
            f'invalid think value: "{wanted}" (must be "high", "medium", "low", "max", '
            "true, or false)",
            "think",
        )
    fields: dict[str, Any] = {}
    if isinstance(wanted, str):
        fields["reasoning_effort"] = "high" if wanted == "max" else wanted
    elif kind == "ollama":
        fields["reasoning_effort"] = "medium" if wanted else "none"
    if kind not in _STRICT_KINDS | {"ollama", "lmstudio"}:
        fields["chat_template_kwargs"] = {"enable_thinking": bool(wanted)}
    return fields


def keep_alive_s(wanted: str | float | None) -> float | None:
    """Seconds to stay loaded; -1 for ever, 0 not at all. None: not said.

    Raises `BadRequest` for text that is no duration.
    """
    if wanted is None:
        return None
    if isinstance(wanted, int | float):
        return float(wanted) if 0 <= wanted < _FOR_EVER_S else -1.0
    text = wanted.strip()
    if not text:
        return None
    is_negative = text.startswith("-")
    text = text.lstrip("+-")
    if not _WHOLE_DURATION.fullmatch(text):
        raise BadRequest(f'invalid duration "{wanted}" for keep_alive', "keep_alive")
    seconds = sum(float(number) * _UNIT_S[unit] for number, unit in _DURATION.findall(text))
    return -1.0 if is_negative or seconds >= _FOR_EVER_S else seconds
