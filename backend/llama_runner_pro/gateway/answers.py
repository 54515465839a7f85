"""What servers answer when they are asked for their models. Pure; whatever is odd is left out.

Shapes: OpenAI's `/v1/models` with the additions of llama.cpp (`meta`) and vLLM (`max_model_len`),
llama.cpp's `/props` and `/apply-template`, Ollama's `/api/tags`, `/api/ps` and `/api/show`, LM
Studio's `/api/v0/models` and `/api/v1/models`, the states that llama.cpp tells as a router.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from llama_runner_pro.endpoints.kind import join_url
from llama_runner_pro.gateway.facts import Facts, Offer

_MOST = 2_000
_LLAMA_CPP_WORDS = {"multimodal": "vision"}
_THOUGHTS = re.compile("think|thought|reason|channel", re.IGNORECASE)
"""Stand in the templates of models that think, whether or not they can be told to."""
TRIAL_TOOL = "look_up_the_weather"
TOOL_TRIAL: dict[str, Any] = {
    "messages": [{"role": "user", "content": "?"}],
    "tools": [
        {
            "type": "function",
            "function": {
                "name": TRIAL_TOOL,
                "description": "",
                "parameters": {"type": "object", "properties": {}},
            },
        }
    ],
}
"""A chat that is only put into words, to see whether its tool is among them."""


def address(base: str, path: str) -> str:
    """Where a server of that address answers `path`. Bases that end in `/v1` are written by people
    for OpenAI's API; each family's own stands beside it.
    """
    return join_url(base.rstrip("/").removesuffix("/v1"), path)


def error_words(told: dict[str, Any]) -> str | None:
    """What an answer says that went wrong: `{error: text}` or `{error: {message}}`."""
    error = told.get("error")
    return _text(error) or _text(_members(error).get("message"))


def _items(document: object, key: str) -> list[dict[str, Any]]:
    found = document.get(key) if isinstance(document, dict) else None
    if not isinstance(found, list):
        return []
    return [one for one in found[:_MOST] if isinstance(one, dict)]


def _number(value: object) -> int | None:
    whole = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if whole and value else None  # type: ignore[call-overload]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _members(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _words(value: object) -> tuple[str, ...] | None:
    """Words of capabilities; None when there are none."""
    words = tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()
    return words or None


def of_openai(document: object) -> list[Offer]:
    """The answer of `/v1/models`."""
    offers = []
    beside = {one.get("model") or one.get("name"): one for one in _items(document, "models")}
    for item in _items(document, "data"):
        name = _text(item.get("id"))
        if name is None:
            continue
        meta = _members(item.get("meta"))
        told = _words(_members(beside.get(name)).get("capabilities"))
        state = _router_state(item)
        facts = Facts(
            size_bytes=_number(meta.get("size")),
            parameter_count=_number(meta.get("n_params")),
            embedding_length=_number(meta.get("n_embd")),
            context_length=_number(item.get("max_model_len")) or _number(meta.get("n_ctx")),
            context_length_max=_number(meta.get("n_ctx_train")),
            capabilities=told and tuple(_LLAMA_CPP_WORDS.get(one, one) for one in told),
            loaded=None if state is None else state in ("loaded", "sleeping"),
        )
        offers.append(Offer(name, facts))
    return offers


def _router_state(item: dict[str, Any]) -> str | None:
    status = _members(item.get("status"))
    return "failed" if status.get("failed") is True else _text(status.get("value"))


def router_states(document: object) -> dict[str, str | None]:
    """The state of each model that llama.cpp has as a router."""
    return {str(item.get("id")): _router_state(item) for item in _items(document, "data")}


def with_props(offer: Offer, document: object) -> Offer:
    """What llama.cpp's `/props` adds: the context in effect, slots, what the template can do."""
    props = _members(document)
    settings = _members(props.get("default_generation_settings"))
    template = _text(props.get("chat_template")) or ""
    caps = _members(props.get("chat_template_caps"))
    sees = _members(props.get("modalities")).get("vision") is True
    words = list(offer.facts.capabilities or ("completion",))
    if caps.get("supports_tools") is True or (not caps and "tools" in template):
        words.append("tools")
    if "enable_thinking" in template:
        words.append("thinking")
    if sees:
        words.append("vision")
    added = Facts(
        path=_text(props.get("model_path")),
        context_length=_number(settings.get("n_ctx")),
        slots=_number(props.get("total_slots")),
        operation="vlm" if sees else None,
        capabilities=tuple(dict.fromkeys(words)),
        lacks=("thinking",) if template and not _THOUGHTS.search(template) else None,
    )
    return Offer(offer.model, added.over(offer.facts))


def may_lack_tools(props: object) -> bool:
    """Its template cannot take them, so that `TOOL_TRIAL` is worth sending."""
    return _members(_members(props).get("chat_template_caps")).get("supports_tools") is False


def with_rendered(offer: Offer, document: object) -> Offer:
    """What llama.cpp's `/apply-template` shows when it was sent `TOOL_TRIAL`.

    Newer ones leave tools out, without a word, where the template cannot take them; older ones
    describe them to the model all the same.
    """
    prompt = _text(_members(document).get("prompt"))
    if prompt is None or TRIAL_TOOL in prompt:
        return offer
    lacks = ("tools", *(offer.facts.lacks or ()))
    return Offer(offer.model, replace(offer.facts, lacks=lacks))


def of_ollama(tags: object, running: object) -> list[Offer]:
    """The answers of `/api/tags` and `/api/ps`."""
    loaded = {_text(one.get("name")): one for one in _items(running, "models")}
    offers = []
    for item in _items(tags, "models"):
        name = _text(item.get("model")) or _text(item.get("name"))
        if name is None:
            continue
        details = _members(item.get("details"))
        held = _members(loaded.get(name))
        held_bytes, held_gpu_bytes = _held(held)
        facts = Facts(
            size_bytes=_number(item.get("size")),
            digest=_text(item.get("digest")),
            modified_ms=_moment_ms(item.get("modified_at")),
            architecture=_text(details.get("family")),
            quantization=_text(details.get("quantization_level")),
            parameter_count=_amount(details.get("parameter_size")),
            context_length_max=_number(details.get("context_length")),
            embedding_length=_number(details.get("embedding_length")),
            context_length=_number(held.get("context_length")),
            held_bytes=held_bytes,
            held_gpu_bytes=held_gpu_bytes,
            expires_ms=_moment_ms(held.get("expires_at")),
            capabilities=_words(item.get("capabilities")),
            loaded=bool(held),
        )
        offers.append(Offer(name, _as_operation(facts)))
    return offers


def _held(running: dict[str, Any]) -> tuple[int | None, int | None]:
    """Main and graphics memory of a loaded model, from one item of `/api/ps`."""
    size, on_gpu = running.get("size"), running.get("size_vram")
    if not isinstance(size, int) or not isinstance(on_gpu, int) or not size:
        return None, None
    return max(0, size - on_gpu), on_gpu


def with_show(offer: Offer, document: object) -> Offer:
    """What Ollama's `/api/show` adds."""
    shown = _members(document)
    told = _members(shown.get("model_info"))
    arch = _text(told.get("general.architecture")) or ""
    added = Facts(
        architecture=arch or None,
        parameter_count=_number(told.get("general.parameter_count")),
        context_length_max=_number(told.get(f"{arch}.context_length")),
        embedding_length=_number(told.get(f"{arch}.embedding_length")),
        block_count=_number(told.get(f"{arch}.block_count")),
        head_count=_number(told.get(f"{arch}.attention.head_count")),
        capabilities=_words(shown.get("capabilities")),
    )
    return Offer(offer.model, _as_operation(added.over(replace(offer.facts, operation=None))))


def _as_operation(facts: Facts) -> Facts:
    words = facts.capabilities or ()
    if "embedding" in words and "completion" not in words:
        return replace(facts, operation="embedding")
    return replace(facts, operation="vlm" if "vision" in words else None)


def of_lmstudio(document: object) -> list[Offer]:
    """The answer of `/api/v0/models`."""
    offers = []
    for item in _items(document, "data"):
        name = _text(item.get("id"))
        if name is None:
            continue
        kind = item.get("type")
        words = ["embedding"] if kind == "embeddings" else ["completion"]
        if "tool_use" in (_words(item.get("capabilities")) or ()):
            words.append("tools")
        if kind == "vlm":
            words.append("vision")
        facts = Facts(
            operation="embedding" if kind == "embeddings" else "vlm" if kind == "vlm" else "llm",
            architecture=_text(item.get("arch")),
            quantization=_text(item.get("quantization")),
            context_length=_number(item.get("loaded_context_length")),
            context_length_max=_number(item.get("max_context_length")),
            capabilities=tuple(words),
            loaded=item.get("state") == "loaded",
        )
        offers.append(Offer(name, facts))
    return offers


def sized_by_lmstudio(offers: list[Offer], document: object) -> list[Offer]:
    """With the sizes that `/api/v1/models` tells."""
    sizes = {one.get("key"): _number(one.get("size_bytes")) for one in _items(document, "models")}
    return [Offer(one.model, replace(one.facts, size_bytes=sizes.get(one.model))) for one in offers]


def instances_of_lmstudio(document: object, model: str) -> tuple[str, ...]:
    """The ids under which LM Studio has a model in memory, as `/api/v1/models` tells them."""
    found: list[str] = []
    for item in _items(document, "models"):
        ids = [_text(one.get("id")) for one in _items(item, "loaded_instances")]
        known = [one for one in ids if one is not None]
        found += known if item.get("key") == model else [one for one in known if one == model]
    return tuple(found)


def _moment_ms(value: object) -> int | None:
    try:
        return int(datetime.fromisoformat(_text(value) or "").timestamp() * 1000)
    except (ValueError, OverflowError):
        return None


def _amount(value: object) -> int | None:
    """`8.0B` as a number."""
    text = (_text(value) or "").strip().upper()
    factor = {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}.get(text[-1:])
    try:
        return round(float(text[:-1]) * factor) if factor else None
    except (ValueError, OverflowError):
        return None
