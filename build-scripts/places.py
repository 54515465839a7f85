"""Where things are in a checkout, on every operating system."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "build-scripts" / "locks"
VENV = ROOT / ".venv"
NODE_MODULES = ROOT / "node_modules"
PAGE = ROOT / "frontend"
PAGE_BUILT = PAGE / "dist" / "index.html"
# What is built for people to install.
DIST = ROOT / "dist"
# Logs, reports and caches of the tools; always safe to delete.
WORKSHOP = ROOT / ".build"

IS_WINDOWS = os.name == "nt"


def venv_program(name: str) -> str:
    """Path of a program inside the project's own Python environment."""
    if IS_WINDOWS:
        return str(VENV / "Scripts" / f"{name}.exe")
    return str(VENV / "bin" / name)


def npm() -> str:
    """Name under which npm is started."""
    return "npm.cmd" if IS_WINDOWS else "npm"


def node_tool(package: str, script: str) -> tuple[str, str]:
    """Command that runs an installed Node tool without a shell or a `.cmd` file between."""
    return ("node", str(NODE_MODULES / package / script))


def shown(path: Path) -> str:
    """A path as people read it: relative to the checkout where it lies in it."""
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)
