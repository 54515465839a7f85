"""Models as LM Studio lists them, in both versions of its API."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from llama_runner_pro.gateway.translate.ollama_models import capabilities, parameter_size

if TYPE_CHECKING:
    from llama_runner_pro.endpoints.traffic import ModelView

_TYPES = {"llm": "llm", "vlm": "vlm", "embedding": "embeddings"}
_STATES = {"loaded": "loaded", "loading": "loading"}
_BITS = re.compile(r"(?:I?Q|F|BF|FP|MXFP)(\d+)", re.IGNORECASE)


def v0_item(view: ModelView) -> dict[str, Any]:
    """One entry of `/api/v0/models`. Strict clients refuse the whole list for one odd word."""
    item: dict[str, Any] = {
        "id": view.name,
        "object": "model",
        "type": _TYPES[view.operation],
        "publisher": publisher(view),
        "arch": view.architecture,
        "compatibility_type": "gguf",
        "quantization": view.quantization,
        "state": _STATES.get(view.state, "not-loaded"),
    }
    longest = view.context_length_max or view.context_length
    if longest:
        item["max_context_length"] = longest
    if view.state == "loaded" and view.context_length:
        item["loaded_context_length"] = view.context_length
    item["capabilities"] = ["tool_use"] if "tools" in capabilities(view) else []
    return item


def v1_item(view: ModelView) -> dict[str, Any]:
    """One entry of `/api/v1/models`."""
    words = capabilities(view)
    item: dict[str, Any] = {
        "type": model_type(view),
        "publisher": publisher(view),
        "key": view.name,
        "display_name": view.name.rsplit("/", 1)[-1],
        "architecture": view.architecture,
        "quantization": _quantization(view.quantization),
        "size_bytes": view.size_bytes or 0,
        "params_string": parameter_size(view.parameter_count) or None,
        "loaded_instances": [],
        "max_context_length": view.context_length_max or view.context_length or 0,
        "format": "gguf",
        "description": None,
    }
    if view.state == "loaded":
        item["loaded_instances"] = [{"id": view.name, "config": load_config(view)}]
    if view.operation != "embedding":
        item["capabilities"] = {
            "vision": "vision" in words,
            "trained_for_tool_use": "tools" in words,
        }
    return item


def model_type(view: ModelView) -> str:
    """Version 1 knows two types."""
    return "embedding" if view.operation == "embedding" else "llm"


def load_config(view: ModelView) -> dict[str, Any]:
    """With what it is loaded, as far as known."""
    return {"context_length": view.context_length or view.context_length_max or 0}


def model_info(view: ModelView) -> dict[str, Any]:
    """What an answer of version 0 tells of its model."""
    return {
        "arch": view.architecture,
        "quant": view.quantization,
        "format": "gguf",
        "context_length": view.context_length or view.context_length_max,
    }


def publisher(view: ModelView) -> str:
    """Who made it public, where the name tells."""
    return view.name.split("/", 1)[0] if "/" in view.name else "local"


def _quantization(name: str | None) -> dict[str, Any] | None:
    if not name:
        return None
    bits = _BITS.match(name)
    return {"name": name, "bits_per_weight": int(bits[1]) if bits else None}
