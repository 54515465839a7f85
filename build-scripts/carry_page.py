"""Puts the built dashboard into the wheel and the source distribution; hatchling runs it.

A source distribution carries the built page as part of the package, so that whoever makes a wheel
from it needs no Node.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUILT = Path("frontend", "dist")
CARRIED = Path("backend", "llama_runner_pro", "static")
MISSING = (
    "the dashboard is not built, and a package without it would show nothing: "
    "run `npm run build:wheel`, which builds it first"
)


class CarryPage(BuildHookInterface[Any]):
    """Adds the page to what hatchling packs."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before the build; `version` is "editable" for a link to this checkout."""
        if version == "editable":
            return
        root = Path(self.root)
        folders = [root / BUILT, root / CARRIED]
        page = next((folder for folder in folders if (folder / "index.html").is_file()), None)
        if page is None:
            raise FileNotFoundError(MISSING)
        inside = Path("llama_runner_pro", "static") if self.target_name == "wheel" else CARRIED
        build_data["force_include"][str(page)] = inside.as_posix()
