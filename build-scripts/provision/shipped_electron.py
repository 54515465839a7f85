"""Fetches the Electron that releases are made with, checked by the hashes of its npm package."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

from places import NODE_MODULES, node_tool

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = NODE_MODULES / "electron"
# Where the package's own installer unpacks to.
FOLDER = PACKAGE / "dist"
LONGEST_S = 600


def version() -> str:
    """The version that package.json pins."""
    found: str = json.loads((PACKAGE / "package.json").read_text("utf-8"))["version"]
    return found


def fetch(arch: str) -> Path | None:
    """The folder with Electron for this system and `arch`; None when it cannot be fetched.

    It comes from GitHub, or from where ELECTRON_MIRROR says; nothing is fetched twice.
    """
    try:
        ended = subprocess.run(
            node_tool("electron", "install.js"),
            env={**os.environ, "ELECTRON_INSTALL_ARCH": arch},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=LONGEST_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    return FOLDER if ended.returncode == 0 and (FOLDER / "version").is_file() else None
