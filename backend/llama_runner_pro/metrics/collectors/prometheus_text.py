"""Reading the few lines we want out of a server's Prometheus text."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def samples(text: str, prefix: str) -> Iterator[tuple[str, float]]:
    """Name without `prefix` and labels, and value, of each line that starts so.

    Several lines of one name differ in their labels only. Lines that are broken, and values
    that are no number, are left out. Format: Prometheus, text-based exposition 0.0.4.
    """
    for line in text.splitlines():
        if not line.startswith(prefix):
            continue
        name, brace, rest = line.removeprefix(prefix).partition("{")
        if brace:
            _, closed, rest = rest.rpartition("}")
            rest = rest if closed else ""
        else:
            name, _, rest = name.partition(" ")
        try:
            value = float(rest.split()[0])
        except (IndexError, ValueError):
            continue
        if math.isfinite(value):
            yield name, value
