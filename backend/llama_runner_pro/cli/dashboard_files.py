"""Where the built dashboard lies."""

from __future__ import annotations

from pathlib import Path


def built_dashboard(package: Path | None = None) -> Path | None:
    """Folder with the dashboard's `index.html`; None when it was not built.

    An installed package carries it inside, a checkout has it under `frontend/dist`. `package` is
    the folder of our own package; tests name another.
    """
    package = package or Path(__file__).resolve().parent.parent
    for folder in (package / "static", package.parent.parent / "frontend" / "dist"):
        if (folder / "index.html").is_file():
            return folder
    return None
