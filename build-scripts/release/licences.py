"""The list of third parties and their licences, as one text file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.job import JobFailed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from release.parts import Part

NAME = "THIRD-PARTY-LICENSES.txt"
HEAD = """\
LlamaRunner Pro carries works of others. Each is named here with its licence; the texts that came
with them follow in the same order.
"""
RULE = "=" * 80
UNKNOWN = "see the system that this was built on"
# What asks of a whole program to be under the same licence.
_STRONG = ("GPL-2", "GPL-3", "GPLv2", "GPLv3", "AGPL", "GNU General Public License", "SSPL")
_ALLOWED_BESIDE = ("WITH GCC-exception",)


def named(part: Part) -> str:
    """Name and, where it is known, version."""
    return f"{part.name} {part.version}".strip()


def problems(parts: Iterable[Part]) -> list[str]:
    """Parts that say nothing about their licence, or whose licence reaches over to ours."""
    found = []
    for part in parts:
        if not part.licence or part.licence.upper() in {"UNKNOWN", "UNLICENSED"}:
            found.append(f"{named(part)} names no licence")
        elif any(word in part.licence for word in _STRONG) and not _is_allowed(part.licence):
            found.append(f"{named(part)} is under {part.licence}")
    return found


def _is_allowed(licence: str) -> bool:
    """With an exception for what is linked, under another licence by choice, or the lesser one."""
    choice = " OR " in licence and not all(
        any(word in one for word in _STRONG) for one in licence.split(" OR ")
    )
    lesser = "LGPL" in licence or "Lesser" in licence
    return choice or lesser or any(words in licence for words in _ALLOWED_BESIDE)


def refuse(parts: Iterable[Part]) -> None:
    """Raises JobFailed when a licence is missing or does not go with ours."""
    bad = problems(parts)
    if bad:
        raise JobFailed(
            "; ".join(bad),
            advice="leave it out (build-scripts/freeze/contents.py), find another, or, for a "
            "library of the system, name its licence in build-scripts/release/parts.py",
        )


def listed(groups: Mapping[str, Sequence[Part]]) -> str:
    """The file's text: the list by group, then all texts."""
    lines = [HEAD]
    for title, parts in groups.items():
        lines += [title, *(f"  {named(part)}: {part.licence or UNKNOWN}" for part in parts), ""]
    for part in (part for parts in groups.values() for part in parts):
        for text in part.texts:
            lines += [RULE, named(part), RULE, "", text.strip(), ""]
    return "\n".join(lines)
