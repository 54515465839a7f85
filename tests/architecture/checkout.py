"""What the architecture tests look at: the files git would carry, and the project's settings."""

from __future__ import annotations

import json
import subprocess
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "backend" / "llama_runner_pro"
# Written by a tool, from sources that are themselves checked.
GENERATED = {
    "frontend/src/wire/types.ts",
    "package-lock.json",
    "installers/install.sh",
    "installers/install.bat",
}


@cache
def files() -> tuple[str, ...]:
    """Paths of all files in the checkout that git carries or would take in, from its root."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    names = listed.stdout.decode().split("\0")
    return tuple(sorted({name for name in names if name and (ROOT / name).is_file()}))


@cache
def pyproject() -> dict[str, Any]:
    """pyproject.toml as it is."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


@cache
def package_json() -> dict[str, Any]:
    """package.json as it is."""
    found: dict[str, Any] = json.loads((ROOT / "package.json").read_text("utf-8"))
    return found
