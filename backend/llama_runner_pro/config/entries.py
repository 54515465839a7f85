"""Changing single endpoints of a configuration document. Pure; documents are never changed in
place."""

from __future__ import annotations

from typing import Any

from llama_runner_pro.core.errors import ConfigError, Problem, UnknownEndpoint

Document = dict[str, Any]


def with_added(document: Document, entry: Document) -> Document:
    """The document with one more endpoint at its end."""
    return {**document, "endpoints": [*entries(document), entry]}


def with_changed(document: Document, name: str, entry: Document) -> Document:
    """The document with another entry in the place of `name`. Raises UnknownEndpoint."""
    at = _place(document, name)
    changed = [*entries(document)]
    changed[at] = {"name": name, **entry}
    return {**document, "endpoints": changed}


def with_amended(document: Document, name: str, changes: Document) -> Document:
    """The document with some keys of `name` changed. Raises UnknownEndpoint."""
    return with_changed(document, name, {**entries(document)[_place(document, name)], **changes})


def with_section(document: Document, key: str, changes: Document) -> Document:
    """The document with some keys of one of its sections changed."""
    return {**document, key: {**document.get(key, {}), **changes}}


def without(document: Document, name: str) -> Document:
    """The document without `name`.

    Raises UnknownEndpoint, and ConfigError with each endpoint that depends on it.
    """
    at = _place(document, name)
    problems = [
        Problem(
            f"endpoints[{index}].depends_on",
            f"{entry['name']} depends on {name!r}",
            "remove that dependency first",
        )
        for index, entry in enumerate(entries(document))
        if name in (entry.get("depends_on") or ())
    ]
    if problems:
        raise ConfigError(problems, source=f"removing {name}")
    left = [entry for index, entry in enumerate(entries(document)) if index != at]
    return {**document, "endpoints": left}


def entries(document: Document) -> list[Document]:
    """The endpoints of a sound document."""
    found: list[Document] = document.get("endpoints", [])
    return found


def _place(document: Document, name: str) -> int:
    names = [entry["name"] for entry in entries(document)]
    if name not in names:
        raise UnknownEndpoint(name, names)
    return names.index(name)
