"""The printed table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: what, measured, asked, and a remark."""

    what: str
    measured: str
    asked: str = ""
    remark: str = ""


def table(rows: list[Row]) -> str:
    """Aligned columns under a heading."""
    cells = [("figure", "measured", "asked", "remark")]
    cells += [(row.what, row.measured, row.asked, row.remark) for row in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(4)]
    lines = [
        "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]
    lines.insert(1, "  ".join("─" * width for width in widths))
    return "\n".join(lines)
