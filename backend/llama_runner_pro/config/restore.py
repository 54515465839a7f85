"""Putting stored secrets back where somebody sent `•••` in their place. Pure.

Works on documents that are not checked yet: whatever has another shape than expected is left for
the check to complain about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llama_runner_pro.config.alerts import restored_alerts
from llama_runner_pro.config.gateway_rules import restored_gateway
from llama_runner_pro.config.monitoring import restored_monitoring
from llama_runner_pro.config.redact import redacted_argv
from llama_runner_pro.config.wording import child
from llama_runner_pro.core.errors import ConfigError, Problem
from llama_runner_pro.core.secrets import HIDDEN

if TYPE_CHECKING:
    from collections.abc import Sequence

Document = dict[str, Any]


def with_secrets(document: Document, stored: Document) -> Document:
    """`document` with every `•••` replaced by what `stored` holds in the same place.

    Endpoints are matched by name, and one with a new name by its place in the list. Raises
    ConfigError for each `•••` that stands for nothing.
    """
    problems: list[Problem] = []
    if "alerts" in document:
        stored_alerts = stored.get("alerts", {})
        alerts = restored_alerts(
            document["alerts"], stored_alerts, lambda path: problems.append(_nothing(path))
        )
        document = {**document, "alerts": alerts}
    document = restored_monitoring(document, stored, lambda path: problems.append(_nothing(path)))
    document = restored_gateway(document, stored, lambda path: problems.append(_nothing(path)))
    entries = document.get("endpoints", [])
    if not isinstance(entries, list):
        return document
    known = stored.get("endpoints", [])
    restored = [
        _restored(entry, _counterpart(entry, at, entries, known), f"endpoints[{at}]", problems)
        for at, entry in enumerate(entries)
    ]
    if problems:
        raise ConfigError(problems, source="configuration")
    return {**document, "endpoints": restored} if "endpoints" in document else document


def _counterpart(entry: Any, at: int, entries: list[Any], known: Sequence[Document]) -> Document:
    """The stored endpoint that `entry` is a new version of; an empty one when it is new."""
    name = _name(entry)
    same = next((one for one in known if one["name"] == name), None)
    if same is not None:
        return same
    if at < len(known) and all(_name(one) != known[at]["name"] for one in entries):
        return known[at]
    return {}


def _name(entry: Any) -> Any:
    return entry.get("name") if isinstance(entry, dict) else None


def _restored(entry: Any, stored: Document, path: str, problems: list[Problem]) -> Any:
    if not isinstance(entry, dict):
        return entry
    restored = dict(entry)
    for key in ("headers", "env", "parameters"):
        if isinstance(entry.get(key), dict):
            where = f"{path}.{key}"
            restored[key] = _members(entry[key], stored.get(key) or {}, where, problems)
    for key in ("start_command", "stop_command"):
        if isinstance(entry.get(key), list):
            where = f"{path}.{key}"
            restored[key] = _argv(entry[key], stored.get(key) or [], where, problems)
    return restored


def _members(given: Document, stored: Document, path: str, problems: list[Problem]) -> Document:
    restored = dict(given)
    for name, value in given.items():
        if value != HIDDEN:
            continue
        if name in stored:
            restored[name] = stored[name]
        else:
            problems.append(_nothing(child(path, name)))
    return restored


def _argv(given: list[Any], stored: Sequence[str], path: str, problems: list[Problem]) -> list[Any]:
    """Elements are matched by the option that they belong to, first to first."""
    secrets: dict[str, list[str]] = {}
    for at, (real, shown) in enumerate(zip(stored, redacted_argv(stored), strict=True)):
        if real != shown:
            secrets.setdefault(_option(redacted_argv(stored), at), []).append(real)
    restored = list(given)
    for at, element in enumerate(given):
        if not isinstance(element, str) or not _is_hidden(element):
            continue
        waiting = secrets.get(_option(given, at), [])
        if waiting:
            restored[at] = waiting.pop(0)
        else:
            problems.append(_nothing(f"{path}[{at}]"))
    return restored


def _is_hidden(element: str) -> bool:
    return element == HIDDEN or (element.startswith("-") and element.endswith(f"={HIDDEN}"))


def _option(argv: Sequence[Any], at: int) -> str:
    """`--key=` for an element that holds its value, `--key` for one that follows it."""
    element = str(argv[at])
    if element != HIDDEN:
        return element.removesuffix(HIDDEN)
    return str(argv[at - 1]) if at > 0 else ""


def _nothing(path: str) -> Problem:
    message = f"{HIDDEN} stands for a stored secret, and there is none in this place"
    return Problem(path, message, "write the value itself")
