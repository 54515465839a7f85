"""Reading an `ai_monitor_config.json` of the older monitor as it is."""

from __future__ import annotations

from typing import Any

from llama_runner_pro.config.document import JsonObject
from llama_runner_pro.config.wording import child

# What the older monitor wrote back into its file; none of it is configuration.
_LEFT_BEHIND = frozenset(
    {
        "status",
        "last_check",
        "last_success",
        "restart_count",
        "error_message",
        "response_time",
        "process_id",
    }
)


def is_older(document: JsonObject) -> bool:
    """True for a file of the older monitor: its list of endpoints is called `models`."""
    return "models" in document


def modern(document: JsonObject) -> dict[str, Any]:
    """The document as we write it ourselves: a list called `endpoints`, each with its name.

    Settings and entries stay as they are written. For documents that were checked.
    """
    if not is_older(document):
        return dict(document)
    settings = {key: value for key, value in document.items() if key != "models"}
    found = entries(document["models"]) or []
    return {**settings, "endpoints": [dict(entry) for _, entry in found]}


def entries(models: object) -> list[tuple[str, Any]] | None:
    """Each entry with its path in the file; None when `models` is neither list nor mapping.

    In a mapping the key is the name, unless the entry has one of its own.
    """
    if isinstance(models, list):
        return [(f"models[{at}]", _configured(entry)) for at, entry in enumerate(models)]
    if isinstance(models, dict):
        return [
            (child("models", name), _configured(_named(name, entry)))
            for name, entry in models.items()
        ]
    return None


def _named(name: str, entry: Any) -> Any:
    if not isinstance(entry, dict) or "name" in entry:
        return entry
    return _same_object(entry, [("name", name), *entry.items()])


def _configured(entry: Any) -> Any:
    if not isinstance(entry, dict):
        return entry
    return _same_object(entry, [item for item in entry.items() if item[0] not in _LEFT_BEHIND])


def _same_object(entry: dict[str, Any], pairs: list[tuple[str, Any]]) -> JsonObject:
    copy = JsonObject(pairs)
    copy.repeated = getattr(entry, "repeated", [])
    return copy
