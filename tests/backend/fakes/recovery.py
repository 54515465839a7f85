"""Reading the recovery log as somebody else would: from its file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


def written(path: Path) -> list[dict[str, Any]]:
    """Every line of the log file, decoded."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def story(path: Path) -> list[str]:
    """The log in short: `opened exit`, `start ok`, `closed healed`."""
    return [_short(line) for line in written(path)]


def _short(line: dict[str, Any]) -> str:
    if line["event"] == "opened":
        return f"opened {line['cause']}"
    if line["event"] == "closed":
        return f"closed {line['outcome']}"
    return f"{line['step']} {'ok' if line['ok'] else 'failed'}"
