"""Writing to the terminal: lines, JSON, tables, and colour where somebody can see it."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

_COLOURS = {"red": "31", "green": "32", "yellow": "33", "blue": "34", "grey": "90"}


def say(text: str) -> None:
    """One line on standard output, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def say_error(text: str) -> None:
    """One line on standard error, led by the program's name."""
    sys.stderr.write(f"llama-runner-pro: {text}\n")
    sys.stderr.flush()


def say_json(value: Any) -> None:
    """Indented JSON on standard output."""
    say(json.dumps(value, indent=2, ensure_ascii=False))


def coloured() -> bool:
    """Standard output is a terminal whose user did not ask for no colours."""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def paint(text: str, colour: str) -> str:
    """`text` in a colour, where colours are shown."""
    return f"\x1b[{_COLOURS[colour]}m{text}\x1b[0m" if coloured() else text


def safe(text: str) -> str:
    """Text from elsewhere without characters that could steer the terminal."""
    return "".join(
        character
        if character == "\t" or unicodedata.category(character) not in ("Cc", "Cf", "Cs")
        else "\ufffd"
        for character in text
    )


def aligned(rows: Sequence[Sequence[str]], *, right: frozenset[int] = frozenset()) -> list[str]:
    """Rows as lines with equally wide columns; `right` names columns of numbers."""
    if not rows:
        return []
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
