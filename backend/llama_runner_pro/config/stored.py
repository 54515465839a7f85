"""A configuration together with the file it comes from. Reading blocks."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from llama_runner_pro.config import noxpanel
from llama_runner_pro.config.document import JsonObject, parse_document, read_content
from llama_runner_pro.config.load import check_document
from llama_runner_pro.core.value_object import ValueObject

if TYPE_CHECKING:
    from pathlib import Path

    from llama_runner_pro.config.model import Config

Document = dict[str, Any]


class Check(Protocol):
    """`check_document` with what the command line adds to every configuration."""

    def __call__(self, document: JsonObject, *, source: str) -> Config:
        """Raises ConfigError with all problems at once."""
        ...


class Stored(ValueObject, frozen=True):
    """What runs, and where it comes from."""

    config: Config
    document: Document
    """As the user wrote it, in our own words for what an older file says."""
    content: bytes | None
    """The file's bytes; None when there is no file."""
    path: Path | None
    older: bool = False
    """The file is one of the older monitor's, which is never written to."""


def check_with(*, demo: bool = False, demo_model: Path | None = None, demo_port: int = 0) -> Check:
    """The check for one sidecar."""
    return partial(check_document, demo=demo, demo_model=demo_model, demo_port=demo_port)


def read_stored(path: Path | None, check: Check) -> Stored:
    """Read and check the file at `path`, if any.

    Raises ConfigError with all problems at once.
    """
    if path is None:
        return Stored(check(JsonObject([]), source="command line"), {}, None, None)
    # A link stays a link: what it leads to is what is read and replaced.
    path = path.resolve()
    return understood(path, read_content(path), check)


def understood(path: Path, content: bytes, check: Check) -> Stored:
    """What `content`, read from `path`, says. Raises ConfigError."""
    document = parse_document(path, content)
    config = check(document, source=str(path))
    older = noxpanel.is_older(document)
    return Stored(config, noxpanel.modern(document), content, path, older)


def written(document: Document) -> bytes:
    """A document as the content of a file."""
    return (json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()
