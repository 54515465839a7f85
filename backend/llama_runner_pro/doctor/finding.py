"""The result of one check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

Level = Literal["ok", "warn", "fail"]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What was found, where, and what mends it."""

    id: str
    """Stable; the same for every place that the check looks at."""
    level: Level
    what: str
    where: str = ""
    fix: str = ""
    """What to do; empty when all is well."""


def ok(check: str, what: str, where: object = "") -> Finding:
    """All is well."""
    return Finding(id=check, level="ok", what=what, where=str(where))


def warn(check: str, what: str, where: object = "", *, fix: str) -> Finding:
    """Works, but somebody should look at it."""
    return Finding(id=check, level="warn", what=what, where=str(where), fix=fix)


def fail(check: str, what: str, where: object = "", *, fix: str) -> Finding:
    """Does not work until it is mended."""
    return Finding(id=check, level="fail", what=what, where=str(where), fix=fix)


def healthy(findings: Iterable[Finding]) -> bool:
    """Nothing failed; warnings do not count."""
    return all(finding.level != "fail" for finding in findings)
