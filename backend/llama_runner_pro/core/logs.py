"""The human log: one readable line per event, rotated, without secrets."""

from __future__ import annotations

import json
import logging
import os
import re
from datetime import datetime
from logging.handlers import RotatingFileHandler
from typing import TYPE_CHECKING, Protocol, TextIO

from llama_runner_pro.core.secrets import register_secret, without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["register_secret", "setup_logging"]

MONITOR_LOG_NAME = "ai_monitor.log"
ROTATE_AT_BYTES = 10_000_000
KEEP_FILES = 5
_LONGEST_CHARACTERS = 20_000
_MARGIN_CHARACTERS = 500
"""Dropped beyond the cut as well, where a secret may have been cut in two."""

# These tell each request or each tick; their warnings are enough unless asked for more.
_CHATTY = ("asyncio", "uvicorn.access", "uvicorn.error", "websockets")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class Console(Protocol):
    """Where log lines go besides the file."""

    def write(self, text: str, /) -> object:
        """Take a line."""
        ...


def setup_logging(
    logs_dir: Path,
    verbose: bool = False,
    *,
    console: Console | None = None,
    console_lines: logging.Formatter | None = None,
    rotate_at_bytes: int = ROTATE_AT_BYTES,
) -> Callable[[], None]:
    """Send all log records to `ai_monitor.log` in `logs_dir`, and to `console` if one is given.

    The file is rotated at 10 MB and five older ones are kept; all are readable by their owner
    only. `console_lines` forms the console's lines in another way, `verbose` adds debug records.
    Returns what undoes all this. Raises `OSError`.
    """
    logs_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    handlers: list[logging.Handler] = [_PrivateFile(logs_dir / MONITOR_LOG_NAME, rotate_at_bytes)]
    handlers[0].setFormatter(PlainLines())
    if console is not None:
        handlers.append(logging.StreamHandler(console))
        handlers[1].setFormatter(console_lines or PlainLines())
    root = logging.getLogger()
    before = {name: logging.getLogger(name).level for name in ("", *_CHATTY)}
    root.setLevel(logging.DEBUG if verbose else logging.INFO)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.INFO if verbose else logging.WARNING)
    for handler in handlers:
        root.addHandler(handler)

    def undo() -> None:
        for handler in handlers:
            root.removeHandler(handler)
            handler.close()
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)

    return undo


class PlainLines(logging.Formatter):
    """`2026-01-31T12:00:00.000+01:00 WARNING supervision.monitor: text`.

    Further lines of a record are indented, so that no text can pretend to be a record; control
    characters are removed, and so are secrets, also from tracebacks.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The record as text, without a line end."""
        time = datetime.fromtimestamp(record.created).astimezone()
        source = record.name.removeprefix("llama_runner_pro.")
        text = _CONTROL.sub("", _bounded(super().format(record)))
        indented = "\n    ".join(text.splitlines())
        stamp = time.isoformat(timespec="milliseconds")
        return f"{stamp} {record.levelname:<7} {source}: {indented}"


class JsonLines(logging.Formatter):
    """`{"t": ms since 1970, "level": …, "logger": …, "text": …}` without secrets."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line, without its end."""
        return json.dumps(
            {
                "t": round(record.created * 1000),
                "level": record.levelname,
                "logger": record.name,
                "text": _bounded(super().format(record)),
            },
            ensure_ascii=False,
        )


def _bounded(text: str) -> str:
    """Without secrets, and without the end of a text that nobody would read."""
    if len(text) <= _LONGEST_CHARACTERS:
        return without_secrets(text)
    kept = without_secrets(text[:_LONGEST_CHARACTERS])[:-_MARGIN_CHARACTERS]
    return f"{kept}… ({len(text)} characters in all)"


class _PrivateFile(RotatingFileHandler):
    """A rotated file that only its owner can read."""

    def __init__(self, path: Path, rotate_at_bytes: int) -> None:
        super().__init__(path, maxBytes=rotate_at_bytes, backupCount=KEEP_FILES, encoding="utf-8")

    def _open(self) -> TextIO:  # type: ignore[override]  # narrower than the base says
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        return os.fdopen(os.open(self.baseFilename, flags, 0o600), "a", encoding="utf-8")
