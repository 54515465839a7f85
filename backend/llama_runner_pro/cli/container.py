"""The first start in a container: nobody can look into its files, so it says once what to know."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from llama_runner_pro.config.files import write_atomically
from llama_runner_pro.config.stored import written
from llama_runner_pro.config.token import ensure_token, read_token

if TYPE_CHECKING:
    from pathlib import Path

    from llama_runner_pro.config.paths import DataPaths

HOST = "0.0.0.0"
_KEY_BYTES = 24


def first_words(paths: DataPaths, named: Path | None) -> list[str]:
    """Make the access token, and a configuration with a key for the gateway, where there are none.

    Returns what must be told now, for it is never told again; nothing at later starts. A
    configuration that was named or is there already is left as it is. Raises `OSError`.
    """
    words = []
    before = read_token(paths.token_file)
    token = ensure_token(paths.token_file)
    if token != before:
        words.append(f"Access token of dashboard and API, shown this once: {token}")
    if named is None and not paths.config_file.exists():
        key = secrets.token_urlsafe(_KEY_BYTES)
        gateway = {"host": HOST, "keys": [{"name": "first", "secret": key}]}
        write_atomically(paths.config_file, written({"endpoints": [], "gateway": gateway}))
        words.append(f"Key for programs that use the gateway, shown this once: {key}")
    return words
