"""What must hold beyond the type of each value. Works on sound fields, so that a wrong one
elsewhere in an entry hides nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from llama_runner_pro.config.validate import Checker

    Fields = Mapping[str, Any]

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_EXAMPLE_URL = "write it whole, as in http://127.0.0.1:8080"


def check_entry(checker: Checker, path: str, fields: Fields) -> None:
    """Everything about one endpoint that can be judged without looking around."""
    for rule in _RULES:
        rule(checker, path, fields)


def _name(checker: Checker, path: str, fields: Fields) -> None:
    name = fields.get("name", "x")
    if name != name.strip() or not name.isprintable():
        hint = "remove spaces at its ends, line breaks and control characters"
        checker.note(f"{path}.name", "the name holds characters that cannot be seen", hint)


def _url(checker: Checker, path: str, fields: Fields) -> None:
    url = fields.get("url")
    if url is None or url == "":
        return
    problem = url_problem(url)
    if problem is not None:
        checker.note(f"{path}.url", *problem)
        return
    port, written = fields.get("port"), urlsplit(url).port
    if port is not None and written is not None and port != written:
        message = f"port is {port}, but the url says {written}"
        checker.note(f"{path}.port", message, "make them equal, or leave one out")


def url_problem(url: str) -> tuple[str, str] | None:
    """What is wrong with a base URL, and what to do; None when nothing is."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        return f"not a valid URL: {error}", _EXAMPLE_URL
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return f"{url!r} is not an absolute http or https URL", _EXAMPLE_URL
    if port == 0 or any(character.isspace() or not character.isprintable() for character in url):
        return f"{url!r} is not a valid URL", _EXAMPLE_URL
    if parts.username is not None or parts.password is not None:
        return "a URL must not hold a password", "send it in headers instead"
    if parts.query or parts.fragment:
        return "a base URL must not hold ? or #", "give scheme, host, port and path alone"
    return None


def _commands(checker: Checker, path: str, fields: Fields) -> None:
    for key in ("start_command", "stop_command"):
        argv = fields.get(key)
        if argv is None:
            continue
        where = f"{path}.{key}"
        if not argv or not argv[0].strip():
            checker.note(where, "the list names no program", "begin it with a program, or use null")
        if any("\0" in element for element in argv):
            checker.note(where, "an element holds a NUL character", "remove it")
    if fields.get("kind") == "embedded" and "model_path" not in fields:
        checker.note(f"{path}.model_path", "is missing", "the embedded engine needs a .gguf file")


def _environment(checker: Checker, path: str, fields: Fields) -> None:
    for name, value in fields.get("env", {}).items():
        if not name or "=" in name or "\0" in name or "\0" in value:
            message = f"{name!r} cannot be an environment variable"
            checker.note(f"{path}.env", message, "names hold no =, and nothing holds NUL")


def _headers(checker: Checker, path: str, fields: Fields) -> None:
    note_headers(checker, f"{path}.headers", fields.get("headers", {}))


def note_headers(checker: Checker, path: str, headers: Mapping[str, str]) -> None:
    """Note the headers that could not be sent."""
    for name, value in headers.items():
        # The value may be a secret, so that only its name is shown.
        if not _TOKEN.fullmatch(name):
            checker.note(path, f"{name!r} cannot be the name of a header")
        if not (value.isascii() and value.isprintable()):
            message = f"the value of {name} cannot be sent in a header"
            checker.note(path, message, "use printable ASCII characters only")


def _health_path(checker: Checker, path: str, fields: Fields) -> None:
    value = fields.get("health_endpoint")
    if value is None:
        return
    if "://" in value:
        problem = url_problem(value.partition("?")[0])
        if problem is not None:
            checker.note(f"{path}.health_endpoint", *problem)
    elif any(character.isspace() or not character.isprintable() for character in value):
        checker.note(f"{path}.health_endpoint", "a path holds no spaces", "write %20 for a space")


def _backoff(checker: Checker, path: str, fields: Fields) -> None:
    restart = fields.get("restart")
    if restart is not None and restart.backoff_initial_s > restart.backoff_max_s:
        message = "the first delay is longer than the longest"
        hint = f"at most backoff_max_s, which is {restart.backoff_max_s:g}"
        checker.note(f"{path}.restart.backoff_initial_s", message, hint)


def _temp_paths(checker: Checker, path: str, fields: Fields) -> None:
    for at, pattern in enumerate(fields.get("temp_paths", ())):
        whole = pattern.startswith(("/", "~", "${HOME}")) or re.match(r"[A-Za-z]:[\\/]", pattern)
        if not whole:
            message = f"{pattern!r} is relative to no folder"
            checker.note(f"{path}.temp_paths[{at}]", message, "begin it with / or ${HOME}")


_RULES: tuple[Callable[[Checker, str, Fields], None], ...] = (
    _name,
    _url,
    _health_path,
    _commands,
    _environment,
    _headers,
    _backoff,
    _temp_paths,
)
