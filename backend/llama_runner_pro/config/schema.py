"""The configuration as JSON Schema: for editors, for the form in the dashboard, for programs.

Types, limits and defaults come from the structs that check a configuration; words come from the
table below, and a test demands words for every field.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from llama_runner_pro.config.model import Config
from llama_runner_pro.config.words import SECRET_FIELDS, unit_of, words_for

DIALECT = "https://json-schema.org/draft/2020-12/schema"


@cache
def config_schema() -> dict[str, Any]:
    """JSON Schema 2020-12. The same object every time: do not change it.

    Besides the standard's words: `title` and `description` on every member, `x-unit` where a
    number has one, `x-secret` where `•••` stands for the stored value.
    """
    (reference,), shapes = msgspec.json.schema_components([Config], ref_template="#/$defs/{name}")
    for name, shape in shapes.items():
        members = shape["properties"]
        for key, member in members.items():
            members[key] = _with_words(member, name, key)
    root = shapes.pop(reference["$ref"].rpartition("/")[2])
    document = {"$schema": DIALECT, **root, "title": "LlamaRunner Pro configuration"}
    # Defaults are values of ours (tuples, structs) until they have been JSON once.
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode({**document, "$defs": shapes}))
    return plain


def _with_words(member: dict[str, Any], shape: str, key: str) -> dict[str, Any]:
    label, text = words_for(shape, key)
    unit = unit_of(key)
    return {
        **member,
        "title": label,
        "description": text,
        **({"x-unit": unit} if unit else {}),
        **({"x-secret": True} if f"{shape}.{key}" in SECRET_FIELDS else {}),
    }
