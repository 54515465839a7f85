"""The access token: 32 random bytes in a file that only its owner can read."""

from __future__ import annotations

import logging
import re
import secrets
import sys
from typing import TYPE_CHECKING

from llama_runner_pro.config.files import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

_BYTES = 32
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_OTHERS = 0o077

_log = logging.getLogger(__name__)


def read_token(path: Path) -> str | None:
    """The token in the file; None when there is no file, or none that holds one.

    Raises `OSError` when the file may not be read.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    text = content.decode("ascii", "replace").strip()
    return text if _TOKEN.fullmatch(text) else None


def ensure_token(path: Path) -> str:
    """The token in the file; a new one when there is none, or when others could have read it.

    Raises `OSError` when the file cannot be read or written.
    """
    token = read_token(path)
    if token is not None and _private(path):
        return token
    if token is not None:
        _log.warning("others could read the access token; there is a new one in %s", path)
    token = secrets.token_urlsafe(_BYTES)
    write_atomically(path, token.encode() + b"\n")
    return token


def _private(path: Path) -> bool:
    return sys.platform == "win32" or not path.stat().st_mode & _OTHERS
