"""Takes every known secret, and whatever looks like one, out of texts that leave this machine."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from llama_runner_pro.config.redact import redacted_argv, secrets_of
from llama_runner_pro.core.secrets import HIDDEN, is_secret_name, without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from llama_runner_pro.config.model import Config

_SHORTEST = 4
"""A shorter text would be found everywhere."""
_LINES_AT_ONCE = 50
_SHORTEST_OF_ENVIRONMENT = 8
"""Our own environment also names switches (`auth=true`) after secrets; those are words."""


class Redactor:
    """Hides given secrets however they are written: plain, as in JSON, as in a URL."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        written = {
            form for secret in secrets if len(secret) >= _SHORTEST for form in _forms(secret)
        }
        # The longest first: one secret may contain another.
        self._secrets = sorted(written, key=len, reverse=True)

    def without_known(self, text: str) -> str:
        """`text` with the given secrets replaced; fast, also for long texts."""
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return text

    def text(self, text: str) -> str:
        """`text` with the given secrets replaced, and whatever looks like one: about 1 MB/s."""
        text = self.without_known(text)
        return "".join(map(without_secrets, _pieces(text)))


def known_secrets(config: Config, environ: Mapping[str, str], token_file: Path) -> set[str]:
    """Everything of ours that nobody else may read. Blocking: reads the token's file."""
    secrets = secrets_of(config) | environment_secrets(environ)
    with contextlib.suppress(OSError, UnicodeDecodeError):
        secrets.add(token_file.read_text("utf-8").strip())
    return secrets


def environment_secrets(environ: Mapping[str, str]) -> set[str]:
    """Values of our own environment that are secrets by their names; models inherit them."""
    return {
        value
        for name, value in environ.items()
        if is_secret_name(name) and len(value) >= _SHORTEST_OF_ENVIRONMENT
    }


def secrets_in(document: object) -> set[str]:
    """Secrets of a configuration that could not be read as one: by the names of its members."""
    return {secret for secret in _secrets_in(document) if secret}


def _secrets_in(value: Any, name: str = "", *, within: bool = False) -> Iterator[str]:
    within = within or name == "headers" or is_secret_name(name)
    if isinstance(value, str):
        if within:
            yield value
    elif isinstance(value, dict):
        for key, member in value.items():
            yield from _secrets_in(member, str(key), within=within)
    elif isinstance(value, list):
        if all(isinstance(element, str) for element in value):
            for element, shown in zip(value, redacted_argv(value), strict=True):
                if element != shown:
                    yield element if shown == HIDDEN else element.partition("=")[2]
        for element in value:
            yield from _secrets_in(element, within=within)


def _pieces(text: str) -> Iterator[str]:
    """`text` in whole lines, few at a time: other threads stand still while one is searched."""
    lines = text.splitlines(keepends=True)
    for start in range(0, len(lines), _LINES_AT_ONCE):
        yield "".join(lines[start : start + _LINES_AT_ONCE])


def _forms(secret: str) -> set[str]:
    return {
        secret,
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        quote(secret, safe=""),
    }
