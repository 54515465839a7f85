"""Models as Ollama lists them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import msgspec

from llama_runner_pro.gateway.translate.derived import modelfile, parameter_lines
from llama_runner_pro.gateway.translate.instants import FOREVER, rfc3339, rfc3339_offset

if TYPE_CHECKING:
    from llama_runner_pro.config.derived import DerivedModelSpec
    from llama_runner_pro.endpoints.traffic import ModelView

# llama.cpp's numbers for the types of files.
_FILE_TYPES = {
    "F32": 0,
    "F16": 1,
    "Q4_0": 2,
    "Q4_1": 3,
    "Q8_0": 7,
    "Q5_0": 8,
    "Q5_1": 9,
    "Q2_K": 10,
    "Q3_K_S": 11,
    "Q3_K_M": 12,
    "Q3_K_L": 13,
    "Q4_K_S": 14,
    "Q4_K_M": 15,
    "Q5_K_S": 16,
    "Q5_K_M": 17,
    "Q6_K": 18,
    "IQ2_XXS": 19,
    "IQ2_XS": 20,
    "Q2_K_S": 21,
    "IQ3_XS": 22,
    "IQ3_XXS": 23,
    "IQ1_S": 24,
    "IQ4_NL": 25,
    "IQ3_S": 26,
    "IQ3_M": 27,
    "IQ2_S": 28,
    "IQ2_M": 29,
    "IQ4_XS": 30,
    "IQ1_M": 31,
    "BF16": 32,
    "MXFP4_MOE": 38,
}


def tagged(name: str) -> str:
    """The name with a tag: clients look models up by the tagged name only."""
    return name if ":" in name.rsplit("/", 1)[-1] else name + ":latest"


def digest_of(view: ModelView) -> str:
    """64 hex digits; made of the name when the file's own are not known."""
    return view.digest or hashlib.sha256(view.name.encode()).hexdigest()


def tags_item(
    view: ModelView, name: str | None = None, recipe: DerivedModelSpec | None = None
) -> dict[str, Any]:
    """One entry of `/api/tags`."""
    shown = tagged(name or view.name)
    return {
        "name": shown,
        "model": shown,
        "modified_at": rfc3339(view.modified_ms),
        "size": view.size_bytes or 0,
        "digest": digest_of(view),
        "details": details(view, recipe),
        "capabilities": list(capabilities(view)),
    }


def ps_item(view: ModelView) -> dict[str, Any]:
    """One entry of `/api/ps`; `context_length` is the one in effect."""
    shown, on_card = tagged(view.name), view.gpu_memory_bytes or 0
    held = (view.memory_bytes or 0) + on_card or view.size_bytes or 0
    return {
        "name": shown,
        "model": shown,
        "size": held,
        "digest": digest_of(view),
        "details": details(view),
        "expires_at": FOREVER if view.expires_ms is None else rfc3339_offset(view.expires_ms),
        "size_vram": on_card,
        "context_length": view.context_length or view.context_length_max or 0,
    }


def show(
    view: ModelView,
    user_agent: str = "",
    asked_as: str = "",
    recipe: DerivedModelSpec | None = None,
) -> dict[str, Any]:
    """The answer of `/api/show`."""
    # Copilot's picker shows this field, and there it must say what the user configured.
    is_copilot = user_agent.startswith("GitHubCopilotChat/")
    return {
        "license": "",
        "modelfile": f"FROM {tagged(view.name)}\n",
        "template": template(view),
        **({} if recipe is None else _made(recipe)),
        "details": details(view, recipe),
        "model_info": model_info(view, asked_as if is_copilot else ""),
        "capabilities": list(capabilities(view)),
        "modified_at": rfc3339(view.modified_ms),
    }


def _made(recipe: DerivedModelSpec) -> dict[str, Any]:
    """What a derived model tells of itself."""
    told = {
        "license": recipe.license or "",
        "modelfile": modelfile(tagged(recipe.base), recipe),
        "parameters": parameter_lines(recipe),
        "system": recipe.system,
        "messages": msgspec.to_builtins(recipe.messages),
    }
    return {name: value for name, value in told.items() if value or name == "license"}


def template(view: ModelView) -> str:
    """The template that the server uses is its own; this one tells clients what it can do."""
    if "insert" in capabilities(view):
        return "{{ .Prompt }}{{ if .Suffix }}{{ .Suffix }}{{ end }}"
    return "{{ .Prompt }}"


def details(view: ModelView, recipe: DerivedModelSpec | None = None) -> dict[str, Any]:
    """Family, size and quantization, as far as known."""
    family = view.architecture or ""
    found: dict[str, Any] = {
        "parent_model": "" if recipe is None else tagged(recipe.base),
        "format": "gguf",
        "family": family,
        "families": [family] if family else [],
        "parameter_size": parameter_size(view.parameter_count),
        "quantization_level": view.quantization or "",
    }
    if view.context_length or view.context_length_max:
        found["context_length"] = view.context_length or view.context_length_max
    if view.embedding_length:
        found["embedding_length"] = view.embedding_length
    return found


def model_info(view: ModelView, basename: str = "") -> dict[str, Any]:
    """The facts of the file, under the names that GGUF gives them. Never null."""
    architecture = view.architecture or "unknown"
    facts: dict[str, Any] = {
        "general.architecture": architecture,
        "general.basename": basename or view.name,
        "general.parameter_count": view.parameter_count,
        "general.file_type": _FILE_TYPES.get((view.quantization or "").upper()),
        # The one in effect: a longer prompt would be refused, whatever the file allows.
        f"{architecture}.context_length": view.context_length or view.context_length_max,
        f"{architecture}.embedding_length": view.embedding_length,
        f"{architecture}.block_count": view.block_count,
        f"{architecture}.attention.head_count": view.head_count,
    }
    return {name: value for name, value in facts.items() if value is not None}


def capabilities(view: ModelView) -> tuple[str, ...]:
    """Ollama's words; a model for embeddings cannot chat."""
    if view.operation == "embedding":
        return ("embedding",)
    if view.operation == "vlm" and "vision" not in view.capabilities:
        return (*view.capabilities, "vision")
    return view.capabilities


def parameter_size(count: int | None) -> str:
    """`8.0B`, `494.03M`; empty when unknown."""
    if not count:
        return ""
    if count >= 1_000_000_000:
        return f"{count / 1e9:.1f}B"
    if count >= 1_000_000:
        return f"{count / 1e6:.2f}M"
    return f"{count / 1e3:.2f}K"
