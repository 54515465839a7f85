"""Derived models: what they add to a request, and how they are described.

The rules are Ollama's (`server/routes.go`): turns of the model come first, its system prompt is
used unless the conversation begins with one, its parameters unless the request says otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from llama_runner_pro.config.derived import LONGEST_TEXT, DerivedModelSpec
from llama_runner_pro.core.errors import BadRequest
from llama_runner_pro.gateway.translate.ollama_options import OPTION_NAMES, sampling

if TYPE_CHECKING:
    from llama_runner_pro.gateway.translate.ollama_shapes import CreateAsked

LONGEST_NAME = 100
Body = dict[str, Any]
_RESPONSES = {"temperature": "temperature", "top_p": "top_p", "max_tokens": "max_output_tokens"}
_MESSAGES = {
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "stop": "stop_sequences",
}
_LMSTUDIO = {
    **{name: name for name in ("temperature", "top_p", "top_k", "min_p", "repeat_penalty")},
    "max_tokens": "max_output_tokens",
}


def seasoned(path: str, body: Body, recipe: DerivedModelSpec, kind: str) -> Body:
    """The request to `path` with what the model brings along; `kind` is its server's family.

    Raises `BadRequest` for a parameter of the wrong type.
    """
    if path in {"/api/chat", "/api/generate"}:
        made = {**body, "options": {**options_of(recipe), **_members(body.get("options"))}}
        if path == "/api/chat" and body.get("messages"):
            made["messages"] = _turns(body["messages"], recipe)
        elif path == "/api/generate" and recipe.system and not body.get("raw"):
            made["system"] = body.get("system") or recipe.system
        return made
    usual = sampling(options_of(recipe), kind)
    if path.endswith("/chat/completions"):
        if "max_completion_tokens" in body:
            usual.pop("max_tokens", None)
        return {**usual, **_said(body), "messages": _turns(body.get("messages"), recipe)}
    if path.endswith("/completions"):
        return {**usual, **_said(body)}
    if path.startswith("/v1/messages"):
        told = _with_prompt(body, "system", recipe)
        return {**_named(usual, _MESSAGES), **told, "messages": _first(body, recipe)}
    if path == "/v1/responses":
        return {**_named(usual, _RESPONSES), **_with_prompt(body, "instructions", recipe)}
    if path == "/api/v1/chat":
        return {**_named(usual, _LMSTUDIO), **_with_prompt(body, "system_prompt", recipe)}
    return body


def options_of(recipe: DerivedModelSpec) -> Body:
    """Its parameters as Ollama's `options`."""
    return {**recipe.parameters, **({"stop": list(recipe.stop)} if recipe.stop else {})}


def derived(
    name: str, base: str, parent: DerivedModelSpec | None, asked: CreateAsked
) -> DerivedModelSpec:
    """The model that `asked` makes of `base`, or of one that is derived itself.

    Raises `BadRequest` for names, values and texts that make no sense.
    """
    parent = parent or DerivedModelSpec(name=name, base=base)
    parameters, stop = settings_of(asked.parameters)
    license_text = asked.license
    if isinstance(license_text, list):
        license_text = "\n".join(license_text)
    turns = None
    if asked.messages is not None:
        if any(one.images for one in asked.messages):
            raise BadRequest("pictures in a model's own messages are not supported", "messages")
        turns = [{"role": one.role, "content": one.content or ""} for one in asked.messages]
    told = {
        "name": plain_name(name),
        "base": parent.base,
        "system": parent.system if asked.system is None else asked.system or None,
        "parameters": {**parent.parameters, **parameters},
        "stop": stop or parent.stop,
        "messages": msgspec.to_builtins(parent.messages) if turns is None else turns,
        "license": license_text or parent.license,
    }
    try:
        return msgspec.convert(told, DerivedModelSpec)
    except msgspec.ValidationError as error:
        longest = f"no text may be longer than {LONGEST_TEXT} characters"
        raise BadRequest(f"invalid request: {error} ({longest})") from error


def plain_name(name: str) -> str:
    """Without what makes no difference. Raises `BadRequest` for a name of nothing."""
    plain = name.strip()
    if plain.lower().endswith(":latest"):
        plain = plain[: -len(":latest")]
    if not plain or len(plain) > LONGEST_NAME or not plain.isprintable():
        raise BadRequest(f"invalid model name {name[:LONGEST_NAME]!r}", "model")
    return plain


def settings_of(told: Body | None) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Parameters that a client gave, and apart from them the texts that end an answer.

    Raises `BadRequest` for names and values that make no sense.
    """
    parameters = {name: value for name, value in (told or {}).items() if value is not None}
    for name in parameters:
        if name not in OPTION_NAMES:
            raise BadRequest(f"unknown parameter '{name}'", f"parameters.{name}")
    stop = sampling(parameters, "").get("stop", [])
    parameters.pop("stop", None)
    return parameters, tuple(stop)


def parameter_lines(recipe: DerivedModelSpec) -> str:
    """As `/api/show` tells them: a name and a value on each line."""
    pairs = [(name, value) for name, value in recipe.parameters.items()]
    pairs += [("stop", text) for text in recipe.stop]
    return "\n".join(f"{name:<30} {_value(value)}" for name, value in pairs)


def modelfile(base: str, recipe: DerivedModelSpec) -> str:
    """The Modelfile that makes it."""
    lines = [f"FROM {base}"]
    lines += [f"PARAMETER {name} {_value(value)}" for name, value in recipe.parameters.items()]
    lines += [f"PARAMETER stop {_value(text)}" for text in recipe.stop]
    if recipe.system:
        lines.append(f'SYSTEM """{recipe.system}"""')
    lines += [f'MESSAGE {turn.role} """{turn.content}"""' for turn in recipe.messages]
    if recipe.license:
        lines.append(f'LICENSE """{recipe.license}"""')
    return "\n".join(lines) + "\n"


def _value(value: object) -> str:
    # Texts in quotes: a line feed would break the line that clients read.
    return msgspec.json.encode(value).decode()


def _turns(told: object, recipe: DerivedModelSpec) -> object:
    if not isinstance(told, list):
        return told
    turns = [*msgspec.to_builtins(recipe.messages), *told]
    first = turns[0] if turns else None
    leads = isinstance(first, dict) and first.get("role") in {"system", "developer"}
    if recipe.system and not leads:
        turns.insert(0, {"role": "system", "content": recipe.system})
    return turns


def _first(body: Body, recipe: DerivedModelSpec) -> object:
    """Anthropic's turns; its system prompt is no turn."""
    told = body.get("messages")
    if not isinstance(told, list):
        return told
    return [*msgspec.to_builtins(recipe.messages), *told]


def _with_prompt(body: Body, name: str, recipe: DerivedModelSpec) -> Body:
    told = _said(body)
    return {name: recipe.system, **told} if recipe.system else told


def _said(body: Body) -> Body:
    """Without nulls: those say nothing."""
    return {name: value for name, value in body.items() if value is not None}


def _named(usual: Body, names: dict[str, str]) -> Body:
    return {names[name]: value for name, value in usual.items() if name in names}


def _members(told: object) -> Body:
    return told if isinstance(told, dict) else {}
